"""What went to an endpoint once goes again, because its owner asks: under the same ids, so that nothing counts twice.

What failed is planned anew and runs through the whole retry table. What was delivered is sent at once and its row stays
as it is: a receiver that lost its data wants it again, and the ledger tells what was reached already. It keeps to the
pace of what goes there ordinarily: as many at the same time, no sooner than the endpoint asks for, and nothing more
once it has said that it is gone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_, select, update

from channels.channel import Outcome
from channels.errors import PermanentError, TemporaryError, ThrottledError
from channels.message import Message, Receipt
from channels.webhook.posting import OF_ONE
from config.clock import aware
from config.database.schema import deliveries
from streams.delivery.known import known_of
from streams.delivery.outcomes import storable, suppressed_as
from streams.delivery.sendable import message_of, refusal
from streams.desk import Desk
from subscribers.endpoints import WEBHOOK
from subscribers.suppression import suppress

AT_ONCE = 100
CALL_S = 60.0  # who asks waits for the answer: what is left then is for the next call
BARRED = "contact_suppressed"  # why a row did not go while its endpoint was disabled
d = deliveries.c
SHOWN = (
    d.delivery_id, d.campaign_id, d.subscriber_id, d.channel, d.contact_id, d.reasons, d.attempts, d.digest_id,
    d.state, d.planned_at,
)  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """What came of a replay.

    Attributes:
        planned: failed ones that go out within seconds.
        sent: delivered ones that the endpoint took again.
        failed: delivered ones that it did not take.
        withheld: delivered ones that may not go any more: the policy ended, or it is not wanted any more.
        next: where the next call goes on; None at the end.
        retry_after_s: no sooner than this, as the endpoint asks for; None: at once.
        disabled: the endpoint is, by what it answered or by another's word; the replay has ended.
    """

    planned: int = 0
    sent: int = 0
    failed: int = 0
    withheld: int = 0
    next: str | None = None
    retry_after_s: float | None = None
    disabled: bool = False


async def replay(
    desk: Desk,
    subscriber_id: str,
    contact_id: str,
    *,
    delivery_id: str | None = None,
    since: datetime | None = None,
    after: str | None = None,
) -> Replayed | None:
    """Send again what went to one endpoint, oldest first, at most ``AT_ONCE`` a call.

    Args:
        desk: the house.
        subscriber_id: whose endpoint.
        contact_id: the endpoint.
        delivery_id: only this one.
        since: else all that were planned since then (domain time).
        after: ``next`` of the call before.

    Returns:
        None where ``delivery_id`` is none that went there and ended.

    Raises:
        ValueError: ``after`` is no such cursor.
    """
    async with desk.record.read() as conn:
        query = _ended(subscriber_id, contact_id)
        query = query.where(d.delivery_id == delivery_id) if delivery_id else query
        query = query.where(d.planned_at >= since) if since else query
        query = query.where(_later(after)) if after else query
        ordered = query.order_by(d.planned_at, d.delivery_id).limit(AT_ONCE)
        rows = [dict(row) for row in (await conn.execute(ordered)).mappings()]
    if delivery_id and not rows:
        return None
    came = await _send_again(desk, [row for row in rows if row["state"] == "delivered"])
    done = rows if came.stopped_at is None else rows[: rows.index(came.stopped_at)]
    if came.disabled:  # what failed would only be kept from going
        return Replayed(sent=came.sent, failed=came.failed, withheld=came.withheld, disabled=True)
    planned = await _plan_again(desk, [row for row in done if row["state"] != "delivered"])
    following = None
    if came.stopped_at is not None:
        following = _behind(done[-1]) if done else after or _behind(came.stopped_at | {"delivery_id": ""})
    elif len(rows) == AT_ONCE:
        following = _behind(rows[-1])
    return Replayed(planned, came.sent, came.failed, came.withheld, following, came.retry_after_s)


def _ended(subscriber_id: str, contact_id: str) -> Any:
    barred = and_(d.state == "suppressed", d.reason == BARRED)
    ended = or_(d.state.in_(("failed", "delivered")), barred)
    own = (d.subscriber_id == subscriber_id, d.channel == WEBHOOK, d.contact_id == contact_id)
    return select(*SHOWN).where(*own, ended)


def _behind(row: Mapping[str, Any]) -> str:
    return f"{row['planned_at'].astimezone(UTC).isoformat()}|{row['delivery_id']}"


def _later(after: str) -> Any:
    moment, _, delivery_id = after.partition("|")
    at = aware(datetime.fromisoformat(moment))
    return or_(d.planned_at > at, and_(d.planned_at == at, d.delivery_id > delivery_id))


async def _plan_again(desk: Desk, rows: Sequence[Mapping[str, Any]]) -> int:
    """Plan rows anew. What may have arrived at a try of unknown outcome keeps its ``sent_at``, see `fanout.former`."""
    if not rows:
        return 0
    async with desk.record.write() as conn:
        done = await conn.execute(
            update(deliveries)
            .where(
                d.delivery_id.in_([row["delivery_id"] for row in rows]), d.state.in_(("failed", "suppressed"))
            )
            .values(
                state="planned",
                reason=None,
                attempts=0,
                due_at=desk.clock.now(),
                handed_at=None,
                ended_at=None,
            )
        )
    return done.rowcount


@dataclass
class _Came:
    """What came of sending: up to which row, and why no further."""

    sent: int = 0
    failed: int = 0
    withheld: int = 0
    stopped_at: dict[str, Any] | None = None
    retry_after_s: float | None = None
    disabled: bool = False


async def _send_again(desk: Desk, rows: Sequence[dict[str, Any]]) -> _Came:
    """Send a few at a time, until the endpoint is disabled, asks to be left alone, or this call has taken too long."""
    came, now = _Came(), asyncio.get_running_loop().time
    until = now() + CALL_S
    for begin in range(0, len(rows), OF_ONE):
        if begin and now() >= until:
            came.stopped_at = rows[begin]
        else:
            await _send_few(desk, rows[begin : begin + OF_ONE], came)
        if came.disabled or came.stopped_at is not None:
            break
    return came


async def _send_few(desk: Desk, rows: Sequence[dict[str, Any]], came: _Came) -> None:
    async with desk.record.read() as conn:
        known = await known_of(desk, conn, rows)
    now = desk.clock.now()
    refused = [refusal(row, known, now) for row in rows]
    going = [row for row, no in zip(rows, refused, strict=True) if no is None]
    came.withheld += len(rows) - len(going)
    came.disabled = any(no is not None and no["reason"] == BARRED for no in refused)
    if not going or came.disabled:
        return
    messages = [message_of(desk, row, known, now) for row in going]
    outcomes = await desk.channels[WEBHOOK].send(messages)
    for row, message, outcome in zip(going, messages, outcomes, strict=True):
        wait_s = _asked_for(outcome)
        if wait_s:
            came.stopped_at = came.stopped_at or row
            came.retry_after_s = max(wait_s, came.retry_after_s or 0.0)
        elif isinstance(outcome, Receipt):
            came.sent += 1
        else:
            came.failed += 1
            came.disabled |= await _is_gone(desk, message, outcome)


def _asked_for(outcome: Outcome) -> float:
    """Return how long to leave the endpoint alone, in seconds; 0 where nothing was asked for."""
    if isinstance(outcome, ThrottledError):
        return outcome.retry_after_s
    return outcome.not_before_s if isinstance(outcome, TemporaryError) else 0.0


async def _is_gone(desk: Desk, message: Message, outcome: Outcome) -> bool:
    """Disable an endpoint that says so, as it would be by what goes there ordinarily."""
    if not (isinstance(outcome, PermanentError) and outcome.dead):
        return False
    word, said, now = suppressed_as(outcome), storable(outcome.reason), desk.clock.now()
    async with desk.record.write() as conn:
        await suppress(conn, desk.vault, WEBHOOK, message.address, reason=word, said=said, now=now)
    return True
