"""What went to an endpoint once goes again, because its owner asks: under the same ids, so that nothing counts twice.

What failed is planned anew and runs through the whole retry table. What was delivered is sent at once and its row stays
as it is: a receiver that lost its data wants it again, and the ledger tells what was reached already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.message import Receipt
from config.clock import aware
from config.database.schema import deliveries
from streams.delivery.sendable import Known, message_of, recipient, refusal
from streams.desk import Desk
from streams.fanout.rows import WITHOUT_SUBSCRIPTION
from streams.relay.relay import not_members
from subscribers.endpoints import WEBHOOK
from subscribers.standing import standings
from subscribers.subscriptions import names_of

AT_ONCE = 100
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
    """

    planned: int
    sent: int
    failed: int
    withheld: int
    next: str | None


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
    planned = await _plan_again(desk, [row for row in rows if row["state"] != "delivered"])
    sent, failed, withheld = await _send_again(desk, [row for row in rows if row["state"] == "delivered"])
    last = rows[-1] if len(rows) == AT_ONCE else None
    following = f"{last['planned_at'].astimezone(UTC).isoformat()}|{last['delivery_id']}" if last else None
    return Replayed(planned, sent, failed, withheld, following)


def _ended(subscriber_id: str, contact_id: str) -> Any:
    barred = and_(d.state == "suppressed", d.reason == BARRED)
    ended = or_(d.state.in_(("failed", "delivered")), barred)
    own = (d.subscriber_id == subscriber_id, d.channel == WEBHOOK, d.contact_id == contact_id)
    return select(*SHOWN).where(*own, ended)


def _later(after: str) -> Any:
    moment, _, delivery_id = after.partition("|")
    at = aware(datetime.fromisoformat(moment))
    return or_(d.planned_at > at, and_(d.planned_at == at, d.delivery_id > delivery_id))


async def _plan_again(desk: Desk, rows: Sequence[Mapping[str, Any]]) -> int:
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
                sent_at=None,
                ended_at=None,
            )
        )
    return done.rowcount


async def _send_again(desk: Desk, rows: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """Return how many the endpoint took, how many not, and how many may not go."""
    if not rows:
        return 0, 0, 0
    async with desk.record.read() as conn:
        known = await _known(desk, conn, rows)
    now = desk.clock.now()
    going = [row for row in rows if refusal(row, known, now) is None]
    messages = [message_of(desk, row, known, now) for row in going]
    outcomes = await desk.channels[WEBHOOK].send(messages) if messages else []
    sent = sum(isinstance(outcome, Receipt) for outcome in outcomes)
    return sent, len(outcomes) - sent, len(rows) - len(going)


async def _known(desk: Desk, conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> Known:
    occasions = await desk.occasions.now(conn, (row["campaign_id"] for row in rows), desk.base_url)
    occurrences = {key: occasion.campaign.occurrence for key, occasion in occasions.items()}
    wishes = {why["subscription"] for row in rows for why in row["reasons"]} - {None, *WITHOUT_SUBSCRIPTION}
    return Known(
        occasions,
        await standings(conn, desk.vault, sorted({recipient(row) for row in rows})),
        await names_of(conn, wishes),
        {},
        await not_members(conn, rows, occurrences),
    )
