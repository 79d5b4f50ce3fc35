"""deliver: claim, ask again whether it may go, send, record. A batch is cut into chunks that overlap."""

import asyncio
import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.channel import Channel, Outcome
from channels.errors import ContentError, PermanentError
from channels.message import Message, Receipt
from config.database.schema import subscriptions
from config.logging import get_logger
from config.metrics import OUTCOMES
from streams.campaigns import NEVER, STOPPED, halt, running_again
from streams.claims import claim, settle
from streams.contents import reasons_in_words
from streams.desk import Desk
from streams.fanout import RELAYED, WITHOUT_SUBSCRIPTION, batches
from streams.occasions import Occasion
from streams.outcomes import not_sent, settled, storable
from streams.relay import NO_MEMBER, not_members
from streams.steady import there, uncut, written
from streams.validity import ended
from subscribers.standing import Recipient, Standing, standings
from subscribers.suppression import suppress
from subscribers.verdict import Hold, Stop, judge

log = get_logger(__name__)

CHUNK = 100  # rows a claim: what may go twice after a crash
ABREAST = 4  # chunks of a batch at the same time, so that the record's work overlaps with the network's


async def deliver(desk: Desk, channel: Channel, *told: Mapping[str, Any]) -> None:
    """Take batches of a ``deliveries`` topic; rows that others have taken or ended are passed over.

    Raises:
        ExceptionGroup: what made chunks fail. Those beside them went on to their end: cut off between sending and
            writing they would go out twice; those behind them did not begin.
    """
    room = asyncio.Semaphore(ABREAST)
    failed: list[Exception] = []

    async def one(chunk: list[str]) -> None:
        async with room:
            if failed:
                return
            try:
                await uncut(_chunk(desk, channel, chunk))
            except Exception as exc:  # noqa: BLE001 - raised below, when the others have ended
                failed.append(exc)

    async with asyncio.TaskGroup() as group:
        for chunk in batches([one for batch in told for one in batch["delivery_ids"]], CHUNK):
            group.create_task(one(chunk))
    if failed:
        raise ExceptionGroup("chunks failed", failed)


async def _chunk(desk: Desk, channel: Channel, delivery_ids: Sequence[str]) -> None:
    token = str(uuid.uuid4())
    async with desk.record.write() as conn:
        rows = await claim(conn, delivery_ids, token, desk.clock.now(), desk.lease)
    if not rows:
        return
    occasions, known, names, left = await there(partial(_known, desk, rows))
    now = desk.clock.now()
    refused = [
        not_sent(row, "suppressed", NO_MEMBER, now)
        if row["delivery_id"] in left
        else _verdict(row, occasions[row["campaign_id"]], known.get(_recipient(row)), now)
        for row in rows
    ]
    going = [row for row, no in zip(rows, refused, strict=True) if no is None]
    messages = [
        _message(desk, row, occasions[row["campaign_id"]], known[_recipient(row)], names, now)
        for row in going
    ]
    outcomes = await channel.send(messages) if messages else []
    results = [
        settled(row, outcome, desk.clock, random.random())
        for row, outcome in zip(going, outcomes, strict=True)
    ]
    now = desk.clock.now()

    async def write(conn: AsyncConnection) -> None:
        await settle(conn, token, [*await _unless_resumed(conn, rows, refused, now), *results])
        await _consequences(desk, conn, going, messages, outcomes, now)

    await written(desk.record, write)
    for outcome in outcomes:
        OUTCOMES.labels(channel.name, type(outcome).__name__).inc()
    sent = sum(isinstance(outcome, Receipt) for outcome in outcomes)
    log.info(
        "chunk.sent",
        channel=channel.name,
        sent=sent,
        failed=len(outcomes) - sent,
        withheld=len(rows) - len(going),
    )


async def _known(
    desk: Desk, rows: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Occasion], dict[Recipient, Standing], dict[str, str], frozenset[str]]:
    """Return what is true now: of the campaigns, of the recipients, the names of what they subscribed to, and the rows
    that an association relayed to somebody who has left it.
    """
    async with desk.record.read() as conn:
        occasions = await desk.occasions.now(conn, (row["campaign_id"] for row in rows), desk.base_url)
        occurrences = {campaign: one.campaign.occurrence for campaign, one in occasions.items()}
        return (
            occasions,
            await standings(conn, desk.vault, [_recipient(row) for row in rows]),
            await _subscription_names(conn, rows),
            await not_members(conn, rows, occurrences),
        )


async def _unless_resumed(
    conn: AsyncConnection,
    rows: Sequence[Mapping[str, Any]],
    refused: Sequence[dict[str, Any] | None],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the rows that may not go; those held for a campaign that was resumed meanwhile are planned again."""
    withheld = [(row, no) for row, no in zip(rows, refused, strict=True) if no is not None]
    stopped = {row["campaign_id"] for row, no in withheld if no["reason"] == STOPPED}
    running = await running_again(conn, stopped) if stopped else set()
    again = {"state": "planned", "reason": None, "due_at": now}
    return [
        no | again if no["reason"] == STOPPED and row["campaign_id"] in running else no
        for row, no in withheld
    ]


def _recipient(row: Mapping[str, Any]) -> Recipient:
    return (row["subscriber_id"], row["channel"], row["contact_id"])


async def _subscription_names(conn: Any, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    ids = {why["subscription"] for row in rows for why in row["reasons"]} - {None, *WITHOUT_SUBSCRIPTION}
    s = subscriptions.c
    found = await conn.execute(select(s.subscription_id, s.name).where(s.subscription_id.in_(ids)))
    return {row.subscription_id: row.name for row in found}


def _verdict(
    row: Mapping[str, Any], occasion: Occasion, standing: Standing | None, now: datetime
) -> dict[str, Any] | None:
    """Return the values of a row that may not go, None for one that may."""
    if over := ended(occasion.campaign, occasion.view, now):
        return not_sent(row, *over, now)
    if occasion.campaign.state != "running":
        return not_sent(row, "held", STOPPED, now, NEVER)
    whys = [why["subscription"] for why in row["reasons"]]
    owed = any(why in WITHOUT_SUBSCRIPTION for why in whys)
    match judge(standing, channel=row["channel"], reasons_subscriptions=whys, now=now, owed=owed):
        case Stop(state, reason):
            return not_sent(row, state, reason, now)
        case Hold(until, reason):
            return not_sent(row, "held", reason, now, until)
    return None


def _message(
    desk: Desk,
    row: Mapping[str, Any],
    occasion: Occasion,
    standing: Standing,
    names: Mapping[str, str],
    now: datetime,
) -> Message:
    subscribed = [why["subscription"] for why in row["reasons"] if why["subscription"] in names]
    token = desk.tokens.unsubscribe(row["subscriber_id"], row["channel"], subscribed)
    words = {**names, RELAYED: occasion.content.relayed_by}
    return Message(
        delivery_id=row["delivery_id"],
        subscriber_id=row["subscriber_id"],
        recipient=standing.name,
        address=standing.address,
        content=occasion.content,
        reasons=reasons_in_words(row["reasons"], occasion.labels, words, desk.taxonomy),
        unsubscribe_url=f"{desk.base_url}/unsubscribe/{token}",
        occurrence=occasion.campaign.occurrence,
        at=now,
    )


async def _consequences(
    desk: Desk,
    conn: Any,
    rows: Sequence[Mapping[str, Any]],
    messages: Sequence[Message],
    outcomes: Sequence[Outcome],
    now: datetime,
) -> None:
    """A dead address is suppressed; a text that the far side refuses stops its campaign and suppresses nobody."""
    for row, message, outcome in zip(rows, messages, outcomes, strict=True):
        if isinstance(outcome, PermanentError) and outcome.dead:
            await suppress(
                conn, desk.vault, row["channel"], message.address, reason=storable(outcome.reason), now=now
            )
        if isinstance(outcome, ContentError) and await halt(
            conn, row["campaign_id"], storable(outcome.reason)
        ):
            log.error(
                "campaign.halted", campaign=row["campaign_id"], channel=row["channel"], reason=outcome.reason
            )
