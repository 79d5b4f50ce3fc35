"""The delivery check: what was planned and may go, and has not arrived within its promise, becomes an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import ago
from config.database.schema import (
    OPEN_ROWS,
    SENT_ROWS,
    UNKNOWN_ROWS,
    campaigns,
    dead_letters,
    deliveries,
    policy_revisions,
)
from config.promises import Promises
from streams.alerts import open_subjects, policy_named, resolve, settle_kind, show_open
from streams.campaigns.record import STOPPED
from streams.desk import Desk
from subscribers.verdict import DIGEST

d, c = deliveries.c, campaigns.c

HELD = (DIGEST, "quiet_hours", "sms_hours", STOPPED)  # why a row waited that nobody tried
LATEST_RETRY = timedelta(days=3)
LOOKED_BACK = timedelta(days=7)  # a message that nobody reported for a week is no news
DEAD_FOR = timedelta(days=7)  # … nor is a dead letter that nobody replayed for so long
REFUSED_FOR = timedelta(days=1)  # … nor a digest that was refused, once none has been for so long
# These may still arrive, or have: suppressed, expired and superseded rows were never to go.
COUNTED = ("planned", "claimed", "sent", "delivered", "failed", "unknown")


@dataclass(frozen=True)
class Late:
    """Messages of a campaign on a channel that missed a promise: ``step`` is ``sent`` or ``delivered``."""

    campaign_id: str
    channel: str
    step: str
    late: int
    of: int
    within: timedelta

    @property
    def subject(self) -> str:
        """What the alert is about."""
        return f"{self.campaign_id}|{self.channel}|{self.step}"

    @property
    def detail(self) -> str:
        """In words."""
        return (
            f"{self.late} of {self.of} messages by {self.channel} were not {self.step} within {self.within}"
        )


def broken(found: Iterable[Late], promises: Promises) -> list[Late]:
    """Return those of which too many are late, pure."""
    return [one for one in found if one.of and one.late / one.of > 1 - promises.channels[one.channel].share]


async def check_deliveries(desk: Desk, promises: Promises) -> int:
    """Look at every campaign that is under way, and have the alerts say what is found. Returns how many are new.

    The promise of a row that was held (quiet hours, a stopped campaign) counts from when it may go.
    """
    async with desk.record.read() as conn:
        late = [*await _unsent(conn, desk, promises), *await _undelivered(conn, desk, promises)]
        found = broken([await _whole(conn, one) for one in late], promises)
        about = await _about(conn, {one.campaign_id for one in found}) if found else {}
        was = await open_subjects(conn, "late")
    if not found and not was:
        return 0
    said = {
        one.subject: (
            f"{policy_named(about[one.campaign_id])}: {one.detail}",
            about[one.campaign_id]
            | {
                "channel": one.channel,
                "step": one.step,
                "late": one.late,
                "of": one.of,
                "within_s": one.within.total_seconds(),
            },
        )
        for one in found
    }
    async with desk.record.write() as conn:
        return await settle_kind(conn, "late", said, desk.clock.now())


async def check_causes(desk: Desk) -> int:
    """Alerts that follow from the record: dead letters appear and go, halted campaigns are resumed, digests go again.

    Returns how many alerts are new or have ended.
    """
    now = desk.clock.now()
    dead = dead_letters.c
    async with desk.record.read() as conn:
        waiting = await conn.execute(
            select(dead.topic, func.count(), func.max(dead.at))
            .where(dead.replayed_at.is_(None), dead.at > ago(desk.clock, DEAD_FOR))
            .group_by(dead.topic)
        )
        letters = {topic: count for topic, count, _ in waiting}
        were = await open_subjects(conn, "dead_letters")
        halted = await open_subjects(conn, "halted")
        running = select(c.campaign_id).where(c.campaign_id.in_(sorted(halted)), c.state == "running")
        resumed = set((await conn.execute(running)).scalars()) if halted else set()
        taken = await open_subjects(conn, "digest", before=ago(desk.clock, REFUSED_FOR))
    changed = 0
    if letters or were or resumed or taken:
        said: dict[str, tuple[str, Mapping[str, Any]]] = {
            topic: (f"{count} messages of {topic} are dead letters", {"topic": topic, "letters": count})
            for topic, count in letters.items()
        }
        async with desk.record.write() as conn:
            changed += await settle_kind(conn, "dead_letters", said, now)
            changed += await resolve(conn, "halted", resumed, now)
            changed += await resolve(conn, "digest", taken, now)
    async with desk.record.read() as conn:
        await show_open(conn)
    return changed


async def _unsent(conn: AsyncConnection, desk: Desk, promises: Promises) -> list[Late]:
    """Rows that may go since longer than the promise, and were not handed to the far side."""
    # A row's due_at is when it may go; once it was tried, or turned away, it is when it goes again.
    tried = and_(d.reason.is_not(None), d.reason.not_in(HELD))
    within = {channel: promise.sent_within for channel, promise in promises.channels.items()}
    limits = {channel: ago(desk.clock, long) for channel, long in within.items()}
    missed = (
        and_(d.channel == channel, d.planned_at < limit, or_(d.due_at < limit, tried))
        for channel, limit in limits.items()
    )
    soon = d.due_at < desk.clock.now() + desk.clock.span(LATEST_RETRY)
    return await _counted(conn, (OPEN_ROWS, d.state != "held", soon, or_(*missed)), "sent", within)


async def _undelivered(conn: AsyncConnection, desk: Desk, promises: Promises) -> list[Late]:
    """Rows that a far side took, of which it never said that they arrived."""
    promised = {channel: promise.delivered_within for channel, promise in promises.channels.items()}
    within = {channel: long for channel, long in promised.items() if long is not None}
    missed = or_(*(and_(d.channel == one, d.sent_at < ago(desk.clock, long)) for one, long in within.items()))
    recent = d.sent_at > ago(desk.clock, LOOKED_BACK)
    found: list[Late] = []
    for state in (SENT_ROWS, UNKNOWN_ROWS):
        found += await _counted(conn, (state, recent, missed), "delivered", within)
    return _together(found)


async def _counted(
    conn: AsyncConnection, where: Iterable[Any], step: str, within: Mapping[str, timedelta]
) -> list[Late]:
    query = select(d.campaign_id, d.channel, func.count()).where(*where).group_by(d.campaign_id, d.channel)
    return [
        Late(campaign, channel, step, count, 0, within[channel])
        for campaign, channel, count in await conn.execute(query)
    ]


def _together(found: Iterable[Late]) -> list[Late]:
    merged: dict[str, Late] = {}
    for one in found:
        other = merged.get(one.subject)
        late = one.late + (other.late if other else 0)
        merged[one.subject] = Late(one.campaign_id, one.channel, one.step, late, 0, one.within)
    return list(merged.values())


async def _whole(conn: AsyncConnection, one: Late) -> Late:
    of = await conn.scalar(
        select(func.count()).where(
            d.campaign_id == one.campaign_id, d.channel == one.channel, d.state.in_(COUNTED)
        )
    )
    return Late(one.campaign_id, one.channel, one.step, one.late, of or 0, one.within)


async def _about(conn: AsyncConnection, campaign_ids: set[str]) -> dict[str, dict[str, Any]]:
    r = policy_revisions.c
    shown = (c.campaign_id, c.agency_id, c.policy_id, c.revision, c.occurrence, r.title)
    pushed = and_(r.agency_id == c.agency_id, r.policy_id == c.policy_id, r.revision == c.revision)
    query = select(*shown).outerjoin_from(campaigns, policy_revisions, pushed)
    rows = await conn.execute(query.where(c.campaign_id.in_(sorted(campaign_ids))))
    return {row.campaign_id: dict(row._mapping) for row in rows}
