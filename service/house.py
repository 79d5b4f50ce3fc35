"""The house: every part built once from the settings, and handed to whoever needs it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy import select

from channels.building import Building, open_channels
from channels.channel import Channel
from channels.guards.far_side import FarSides
from channels.retry import Schedules, load_schedules, shipped_schedules
from channels.standing import StandingLine
from channels.writing.check import adopt
from config.calendar import WorkingDays, load_calendar
from config.clock import Clock, SystemClock
from config.database import Record, open_record
from config.database.migrate import migrate
from config.database.record import insert_new, is_outage
from config.database.schema import installation
from config.logging import get_logger
from config.promises import Promises, load_promises
from config.settings import Settings
from config.taxonomies import Taxonomy, load_lexicon, load_taxonomy
from service.live import Live
from service.master_keys import ensure_master_keys
from service.timekeeping import open_clock
from streams.desk import Desk
from streams.followups.rules import FollowUpRules
from streams.labelling import Labeller, default_labeller
from streams.log import EventLog, Produce, ProduceAll
from streams.receipts.hearing import Hearing
from subscribers.contacts import Vault, open_vault
from subscribers.tokens import Tokens

log = get_logger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 10.0
SHARDS = "shards"


class ShardsChanged(Exception):
    """ZHENGDA_SHARDS is another number than the one this installation was first started with.

    Subscribers, partitions and snapshots are cut by it: with another one some subscribers would never be matched. Set
    it back to the number in the message and start again; nothing was changed.
    """


@dataclass(frozen=True)
class House:
    """The parts that the faces and the flow share.

    Attributes:
        clock: domain time, which may be simulated.
        real_clock: the operating system's, for sessions and whatever else lasts as long as people wait.
        standing: channels that listen and can be asked.
    """

    settings: Settings
    clock: Clock
    real_clock: Clock
    record: Record
    vault: Vault
    log: EventLog
    live: Live
    channels: Mapping[str, Channel]
    taxonomy: Taxonomy
    tokens: Tokens
    calendar: WorkingDays = field(default_factory=WorkingDays)
    labeller: Labeller = field(default_factory=default_labeller)
    far_sides: FarSides = field(default_factory=FarSides)
    schedules: Schedules = field(default_factory=shipped_schedules)
    promises: Promises = field(default_factory=load_promises)
    standing: tuple[StandingLine, ...] = ()

    def desk(self) -> Desk:
        """Return what the steps of the flow use."""
        return Desk(
            record=self.record,
            log=self.log,
            vault=self.vault,
            tokens=self.tokens,
            clock=self.clock,
            taxonomy=self.taxonomy,
            channels=self.channels,
            shards=self.settings.shards,
            base_url=self.settings.base_url,
            lease=self.clock.span(timedelta(seconds=self.settings.lease_s)),
            lost_after=self.clock.span(timedelta(seconds=self.settings.lost_after_s)),
            calendar=self.calendar,
            labeller=self.labeller,
            far_sides=self.far_sides,
            schedules=self.schedules,
            follow_ups=FollowUpRules(
                interpretation_due=self.settings.interpretation_due_days,
                tracking_after=self.settings.tracking_after_days,
            ),
            hold_uninterpreted=self.settings.uninterpreted == "hold",
        )

    async def close(self) -> None:
        """Give back connections."""
        for channel in self.channels.values():
            await channel.close()
        await self.live.close()
        await self.record.close()


async def open_house(
    settings: Settings, produce: Produce, redis: Redis | None, produce_all: ProduceAll | None = None
) -> House:
    """Bring the record up to date and build every part.

    Raises:
        CalendarError: the office's calendar file is wrong.
        OfficeFileError: another table of the office's own is, or a template.
        TaxonomyDataError: a rule of the office's own is wrong.
        VaultError: the master keys are not those of this record.
        RecordTooNew: the record was written by a newer program.
        ShardsChanged: the record is cut into another number of shards.
    """
    calendar = load_calendar(settings.calendar)
    schedules, promises = load_schedules(settings.retries), load_promises(settings.promises)
    labeller = office_labeller(settings.lexicon)
    for warning in await asyncio.to_thread(adopt, settings.templates):
        log.warning("template.doubtful", what=str(warning))
    settings.data.mkdir(parents=True, exist_ok=True)
    record = open_record(settings.database_url)
    await _migrated(record)
    await insist_on_shards(record, settings.shards)
    vault = await open_vault(record, ensure_master_keys(settings))
    live = Live(redis)
    real_clock = SystemClock()
    clock = await open_clock(record, settings.clock_speed, settings.clock_start, real_clock)
    events = EventLog(produce, vault, produce_all)
    hearing = Hearing(record, vault, events, clock)
    building = Building(settings, record, clock, real_clock, redis, live.announce, vault.derive, hearing)
    return House(
        settings=settings,
        clock=clock,
        real_clock=real_clock,
        record=record,
        vault=vault,
        log=events,
        live=live,
        channels=open_channels(building),
        standing=tuple(building.standing),
        taxonomy=load_taxonomy(),
        tokens=Tokens(vault),
        calendar=calendar,
        labeller=labeller,
        far_sides=building.far_sides,
        schedules=schedules,
        promises=promises,
    )


def office_labeller(lexicon: Path | None) -> Labeller:
    """Return the labeller of the shipped rules, with those of the office's own where it has any.

    Raises:
        TaxonomyDataError: a rule is wrong; the message names file and line.
    """
    return Labeller(load_taxonomy(), load_lexicon(office=lexicon)) if lexicon else default_labeller()


async def _migrated(record: Record) -> None:
    """Bring the record up to date; one that is away is waited for, as it is later, too."""
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return await migrate(record)
        except Exception as exc:
            if not is_outage(exc):
                raise
            log.warning("record.awaited", why=f"{type(exc).__name__}: {exc}"[:300])
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


async def insist_on_shards(record: Record, shards: int) -> None:
    """Fix the number of shards at the first start, and hold to it ever after.

    Raises:
        ShardsChanged: it is another one.
    """
    async with record.write() as conn:
        await conn.execute(insert_new(conn, installation), {"name": SHARDS, "value": str(shards)})
        fixed = await conn.scalar(select(installation.c.value).where(installation.c.name == SHARDS))
    if fixed != str(shards):
        raise ShardsChanged(
            f"ZHENGDA_SHARDS is {shards}, and this installation was first started with {fixed}: set it back to {fixed}"
        )
