"""Receipts: what a gateway reports about rows. Kept first, applied when the row is settled, never backwards.

A report may overtake the answer to its own message: the row is then still claimed, and a sweep applies it a moment
later. Reports may come twice and in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import ago
from config.database.record import upsert
from config.database.schema import deliveries, receipts
from config.database.schema.ledger import UNAPPLIED
from streams.campaigns.halting import halt_refused, tell_digest_refused
from streams.desk import Desk
from subscribers.suppression import soft_failure, suppress_contact

d, r = deliveries.c, receipts.c

KEPT_FOR = timedelta(days=7)  # a report about no row we know
AT_ONCE = 1_000

ACCEPTED, DELIVERED, FAILED = "accepted", "delivered", "failed"
STRONGEST_FIRST = (DELIVERED, FAILED, ACCEPTED)

# What a row has to show to be moved.
SHOWN = (d.delivery_id, d.state, d.sent_at, d.campaign_id, d.channel, d.contact_id, d.digest_id)
DOUBTFUL = ("ambiguous", "undelivered")  # these count together, by number (`subscribers.suppression`)
CARRIED = ("held", "sent", "unknown")  # an item of a digest, as long as it waits for what becomes of that
# From which states a report moves a row, and where to. A row that is planned or held was refused or thrown back, and
# the report says that it went all the same: it must not go again.
WAITING = frozenset({"planned", "held"})
MOVES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {
        DELIVERED: (WAITING | {"sent", "unknown"}, "delivered"),
        FAILED: (frozenset({"sent", "unknown"}), "failed"),
        ACCEPTED: (WAITING | {"unknown"}, "sent"),
    }
)


@dataclass(frozen=True)
class Report:
    """What a gateway says about one delivery; ``reason`` is why it failed, one of few words."""

    delivery_id: str
    status: str
    reason: str | None = None


def moved(state: str, status: str) -> str | None:
    """Return the state that a report brings a row to; None where it stays as it is."""
    before, after = MOVES[status]
    return after if state in before else None


async def keep(conn: AsyncConnection, report: Report, now: datetime) -> None:
    """Write a report down; the same one again is looked at again."""
    row = {
        "delivery_id": report.delivery_id,
        "status": report.status,
        "detail": report.reason,
        "at": now,
        "applied_at": None,
    }
    await conn.execute(upsert(conn, receipts, ["detail", "at", "applied_at"]), [row])


async def apply(conn: AsyncConnection, delivery_id: str, now: datetime) -> bool:
    """Apply what has been kept about a delivery; the items of a digest go with it.

    Returns:
        Whether it is done with; not while the row is claimed or unknown to the ledger.
    """
    # Locked, so that a sender who settles the row at this moment comes before or after, not in between.
    row = (
        await conn.execute(select(*SHOWN).where(d.delivery_id == delivery_id).with_for_update())
    ).one_or_none()
    if row is None or row.state == "claimed":
        return False
    fresh = {
        receipt.status: receipt
        for receipt in await conn.execute(
            select(r.status, r.detail, r.at).where(r.delivery_id == delivery_id, r.applied_at.is_(None))
        )
    }
    state = row.state
    for status in STRONGEST_FIRST:
        if status in fresh and (after := moved(state, status)) is not None:
            state = after
            await move(conn, row, after, at=fresh[status].at, reason=fresh[status].detail)
    await conn.execute(
        update(receipts)
        .where(r.delivery_id == delivery_id, r.status.in_(fresh), r.applied_at.is_(None))
        .values(applied_at=now)
    )
    return True


async def apply_early(desk: Desk) -> int:
    """Sweep: apply reports that came before their row was settled; forget those about nothing that we know."""
    now = desk.clock.now()
    async with desk.record.read() as conn:
        known = exists().where(d.delivery_id == r.delivery_id, d.state != "claimed")
        # Oldest first, along the index of what is not applied; receipts are kept, and the table is long.
        early = select(r.delivery_id).where(UNAPPLIED, known).order_by(r.at).limit(AT_ONCE)
        found = list(dict.fromkeys(await conn.scalars(early)))
        forgotten = (UNAPPLIED, r.at < ago(desk.clock, KEPT_FOR))
        old = await conn.scalar(select(r.delivery_id).where(*forgotten).limit(1)) is not None
    done = 0
    for delivery_id in found:
        async with desk.record.write() as conn:
            done += await apply(conn, delivery_id, now)
    if old:  # nearly never: the record's one writer is not asked each second
        async with desk.record.write() as conn:
            await conn.execute(update(receipts).where(*forgotten).values(applied_at=now))
    return done


async def move(conn: AsyncConnection, row: Any, state: str, *, at: datetime, reason: str | None) -> None:
    """Bring a row to ``state`` with the items that it carries, and draw the consequences of a failure.

    Args:
        conn: in a transaction that has locked the row.
        row: with the columns of `SHOWN`.
        state: from `moved`.
        at: when it was reported.
        reason: why it failed.
    """
    values = {"state": state, "reason": None, "sent_at": row.sent_at or at}
    if state == "delivered":
        values |= {"delivered_at": at}
    if state == "failed":
        values |= {"reason": reason, "ended_at": at}
    items = and_(d.digest_id == row.delivery_id, d.state.in_(CARRIED))
    await conn.execute(
        update(deliveries).where(or_(d.delivery_id == row.delivery_id, items)).values(**values)
    )
    if state == "failed":
        await _failed(conn, row, at, reason)


async def _failed(conn: AsyncConnection, row: Any, at: datetime, reason: str | None) -> None:
    if reason in ("gone", "opted_out"):
        await suppress_contact(conn, row.contact_id, reason=reason, now=at)
    if reason in DOUBTFUL and row.channel == "sms":
        await soft_failure(conn, row.contact_id, at=at, key=row.delivery_id)
    if reason != "content":
        return
    why = "the carrier refuses the text"
    # Which policy of a digest the carrier refuses nobody can tell: none of them is stopped for it.
    if row.digest_id is not None:
        await tell_digest_refused(conn, row.channel, why, at)
    else:
        await halt_refused(conn, row.campaign_id, row.channel, why, at)
