"""deliver: claim, ask again whether it may go, send, record. A batch is cut into chunks that overlap."""

import asyncio
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from channels.channel import Channel, Outcome
from channels.errors import ContentError, DoubtfulError, PermanentError
from channels.message import Message, Receipt
from config.logging import get_logger
from config.metrics import OUTCOMES
from streams.campaigns.halting import halt_refused, tell_digest_refused
from streams.campaigns.record import STOPPED, running_again
from streams.delivery.claims import claim, settle
from streams.delivery.holding import held, still_held
from streams.delivery.known import known_of
from streams.delivery.outcomes import settled, storable, suppressed_as
from streams.delivery.parking import come_back, one_asks
from streams.delivery.sendable import Known, message_of, refusal
from streams.delivery.steady import there, uncut, written
from streams.desk import Desk
from streams.digests.carried import Row, digests_of, in_step, is_digest, settle_items, still_claimed
from streams.digests.content import compose, digest_message
from streams.fanout.rows import batches
from streams.far.messages import write_down
from subscribers.suppression import soft_failure, suppress

log = get_logger(__name__)

CHUNK = 100  # rows a claim: what may go twice after a crash
ABREAST = 4  # chunks of a batch at the same time, so that the record's work overlaps with the network's

Withheld = tuple[Row, dict[str, Any]]  # a row, and the values with which it does not go


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


@dataclass(frozen=True)
class _Prepared:
    """A claimed row at its moment: its message, or the values with which it does not go; a digest with its items."""

    row: Row
    message: Message | None
    refused: dict[str, Any] | None
    carried: Sequence[Row] = ()
    left_out: Sequence[Withheld] = ()


async def _chunk(desk: Desk, channel: Channel, delivery_ids: Sequence[str]) -> None:
    token, began = str(uuid.uuid4()), asyncio.get_running_loop().time()
    async with desk.record.write() as conn:
        rows = await claim(conn, delivery_ids, token, desk.clock.now(), desk.lease)
    if not rows:
        return
    claimed = [row["delivery_id"] for row in rows]
    async with held(desk, claimed, token):
        known = await there(partial(_known, desk, rows))
        if await still_held(desk, claimed, token, began):
            await _send(desk, channel, token, rows, known)


async def _send(desk: Desk, channel: Channel, token: str, rows: Sequence[Row], known: Known) -> None:
    """Send what was claimed, and write what came of it."""
    now = desk.clock.now()
    prepared = [_prepare(desk, row, known, now) for row in rows]
    going = [(one, one.message) for one in prepared if one.message is not None]
    outcomes = one_asks(await channel.send([message for _, message in going]) if going else [])
    results = {
        one.row["delivery_id"]: settled(
            one.row, _meant(one.row, outcome), desk.clock, random.random(), desk.schedules
        )
        for (one, _), outcome in zip(going, outcomes, strict=True)
    }
    now = desk.clock.now()

    async def write(conn: AsyncConnection) -> None:
        await _settle(conn, token, prepared, results, now)
        taken = [(message, outcome) for (_, message), outcome in zip(going, outcomes, strict=True)]
        await write_down(conn, desk.vault, desk.clock, channel.name, taken)
        for (one, message), outcome in zip(going, outcomes, strict=True):
            await _consequence(desk, conn, one.row, message, outcome, now)

    await written(desk.record, write)
    await come_back(desk, channel.name, outcomes)
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


async def _known(desk: Desk, rows: Sequence[Row]) -> Known:
    async with desk.record.read() as conn:
        return await known_of(desk, conn, rows, await digests_of(conn, rows))


def _prepare(desk: Desk, row: Row, known: Known, now: datetime) -> _Prepared:
    if is_digest(row):
        composed = compose(row, known, now)
        message = None if composed.refused else digest_message(desk, row, composed, known, now)
        return _Prepared(row, message, composed.refused, composed.carried, composed.left_out)
    refused = refusal(row, known, now)
    return _Prepared(row, None if refused else message_of(desk, row, known, now), refused)


def _meant(row: Row, outcome: Outcome) -> Outcome:
    """Return an outcome as it concerns the row: which policy of a refused digest was meant nobody can tell."""
    if isinstance(outcome, ContentError) and is_digest(row):
        return PermanentError(outcome.reason)
    return outcome


async def _settle(
    conn: AsyncConnection,
    token: str,
    prepared: Sequence[_Prepared],
    results: Mapping[str, dict[str, Any]],
    now: datetime,
) -> None:
    """Write what came of the claim: each digest with its items, or neither of them."""
    withheld = [(one.row, one.refused) for one in prepared if one.refused is not None]
    left_out = [pair for one in prepared for pair in one.left_out]
    running = await _resumed(conn, [*withheld, *left_out])
    digests = [one for one in prepared if is_digest(one.row)]
    mine = await still_claimed(conn, token, [one.row["delivery_id"] for one in digests])
    refused = {row["delivery_id"]: _again(row, no, running, now) for row, no in withheld}
    final = {**refused, **results}
    await settle(conn, token, list(final.values()))
    for one in digests:
        digest = one.row["delivery_id"]
        if digest not in mine:
            continue
        gone = [_again(item, no, running, now) for item, no in one.left_out]
        with_it = [values for item in one.carried if (values := in_step(item, final[digest])) is not None]
        await settle_items(conn, digest, [*gone, *with_it])


async def _resumed(conn: AsyncConnection, withheld: Sequence[Withheld]) -> set[str]:
    """Return which campaigns, for which rows are about to be held as stopped, were resumed meanwhile."""
    stopped = {row["campaign_id"] for row, no in withheld if no["reason"] == STOPPED}
    return await running_again(conn, stopped) if stopped else set()


def _again(row: Row, no: dict[str, Any], running: set[str], now: datetime) -> dict[str, Any]:
    """Return the values of a row that may not go; one held for a campaign that runs again is planned again."""
    if no["reason"] == STOPPED and row["campaign_id"] in running:
        return no | {"state": "planned", "reason": None, "due_at": now}
    return no


async def _consequence(
    desk: Desk, conn: AsyncConnection, row: Row, message: Message, outcome: Outcome, now: datetime
) -> None:
    """A dead address is suppressed; a text that the far side refuses stops its campaign and suppresses nobody."""
    if isinstance(outcome, PermanentError) and outcome.dead:
        word, said = suppressed_as(outcome), storable(outcome.reason)
        await suppress(conn, desk.vault, row["channel"], message.address, reason=word, said=said, now=now)
    if isinstance(outcome, DoubtfulError):
        await soft_failure(conn, row["contact_id"], at=now, key=row["delivery_id"])
    if not isinstance(outcome, ContentError):
        return
    if is_digest(row):
        await tell_digest_refused(conn, row["channel"], storable(outcome.reason), now)
    else:
        await halt_refused(conn, row["campaign_id"], row["channel"], storable(outcome.reason), now)
