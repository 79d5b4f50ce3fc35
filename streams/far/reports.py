"""Reports of gateways about messages that they know by ids of their own: kept first, applied when the row is settled.

A report may come before the answer to its own message, twice, in any order, and about what nobody here knows. Only an
id that is known moves a row, never backwards; what is not known is kept for a week and counted.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.heard import FarReport
from config.clock import Clock, ago
from config.database.record import upsert
from config.database.schema import deliveries, gateway_messages, parked_reports
from config.metrics import SMS_REPORTS
from streams.delivery.outcomes import storable
from streams.desk import Desk
from streams.far.messages import ANY_NUMBER, GATEWAY_CHARS, NO_NUMBER, id_of, number_key
from streams.far.verdicts import Part, Verdict, heard, verdict
from streams.receipts.receipts import DELIVERED, FAILED, SHOWN, move, moved
from subscribers.contacts import Vault

d, g, p = deliveries.c, gateway_messages.c, parked_reports.c
CHANNEL = "sms"

KEPT_FOR = timedelta(days=7)
LATELY = timedelta(
    minutes=10
)  # the sweep looks at these only: an older one that nobody knew is looked at when settled
AT_ONCE = 500
AGAIN_AFTER = timedelta(minutes=10)
STRONGEST_FIRST = {status: place for place, status in enumerate((DELIVERED, FAILED))}
DETAIL_CHARS = 200
KEY = ("gateway", "message_id", "number_key", "status", "at")


async def keep(conn: AsyncConnection, vault: Vault, found: Iterable[FarReport], now: datetime) -> None:
    """Write reports down; the same one again is one."""
    rows = [
        {
            "gateway": one.gateway[:GATEWAY_CHARS],
            "message_id": id_of(one.message_id),
            "number_key": number_key(vault, CHANNEL, one.number),
            "status": one.status,
            "failure": one.failure if one.status == FAILED else None,
            "detail": storable(one.detail, DETAIL_CHARS),
            "at": now,
            "whose": _whose(vault, one.whose),
        }
        for one in found
    ]
    if rows:
        alone = {tuple(row[name.name] for name in parked_reports.primary_key): row for row in rows}
        await conn.execute(
            upsert(conn, parked_reports, ["failure", "detail", "at", "whose"]), list(alone.values())
        )


def _whose(vault: Vault, number: str | None) -> str | None:
    key = number_key(vault, CHANNEL, number)
    return None if key in (ANY_NUMBER, NO_NUMBER) else key


async def apply(conn: AsyncConnection, clock: Clock, parked: Sequence[Any]) -> int:
    """Apply what was kept; what is about rows that are just being sent is left for later.

    Args:
        conn: in a transaction.
        clock: whose now it is.
        parked: rows of `about`.

    Returns:
        How many reports are done with.
    """
    # Locked, so that a sender who settles a row at this moment comes before or after, not in between.
    ids = sorted({one.delivery_id for one in parked})
    query = select(*SHOWN).where(d.delivery_id.in_(ids), d.state != "claimed").order_by(d.delivery_id)
    rows = {row.delivery_id: row for row in await conn.execute(query.with_for_update())}
    done = [one for one in parked if one.delivery_id in rows]
    if not done:
        return 0
    parts = await _told(conn, sorted(rows), done)
    await _conclude(conn, clock, [(row, parts[delivery_id]) for delivery_id, row in rows.items()])
    reports = {(one.gateway, one.message_id, one.number_key, one.status): one for one in done}
    await conn.execute(
        _gone, [_key(one) | {"its_status": one.status, "its_at": one.at} for one in reports.values()]
    )
    for one in reports.values():
        SMS_REPORTS.labels(one.gateway, one.failure or one.status).inc()
    return len(reports)


async def about(conn: AsyncConnection, since: datetime) -> Sequence[Any]:
    """Return the reports since a moment whose messages are known, each with the row's ``delivery_id``; oldest first."""
    known = (g.gateway == p.gateway) & (g.message_id == p.message_id)
    same = known & or_(p.number_key == ANY_NUMBER, p.number_key == g.number_key)
    settled = select(d.delivery_id).where(d.delivery_id == g.delivery_id, d.state != "claimed").exists()
    query = (
        select(parked_reports, g.delivery_id, g.number_key.label("to"))
        .select_from(parked_reports.join(gateway_messages, same))
        .where(p.at >= since, settled)
        .order_by(p.at)
        .limit(AT_ONCE)
    )
    return (await conn.execute(query)).all()


async def apply_parked(desk: Desk, within: timedelta = LATELY) -> int:
    """Sweep: apply what has been kept about rows that are settled by now.

    Args:
        desk: whose record it is.
        within: of real time, how old a report may be. Those of lately are looked at each second, all of them now and
            then: they may lie there by the thousand, about nothing that anybody knows.
    """
    since = ago(desk.clock, within)
    done = 0
    while True:
        async with desk.record.read() as conn:
            found = await about(conn, since)
        if not found:
            return done
        async with desk.record.write() as conn:
            applied = await apply(conn, desk.clock, found)
        done += applied
        if len(found) < AT_ONCE or not applied:
            return done


async def forget_old(desk: Desk) -> int:
    """Sweep: forget what gateways called messages a week ago, and what they said about none of ours."""
    before = ago(desk.clock, KEPT_FOR)
    async with desk.record.read() as conn:
        unknown = await conn.scalar(select(p.at).where(p.at < before).limit(1))
        known = await conn.scalar(select(g.sent_at).where(g.sent_at < before).limit(1))
    if unknown is None and known is None:
        return 0
    async with desk.record.write() as conn:
        gone = await conn.execute(delete(parked_reports).where(p.at < before).returning(p.gateway))
        strangers = list(gone.scalars())
        await conn.execute(delete(gateway_messages).where(g.sent_at < before))
    for gateway in strangers:
        SMS_REPORTS.labels(gateway, "unknown").inc()
    return len(strangers)


async def _told(
    conn: AsyncConnection, delivery_ids: Sequence[str], said: Sequence[Any]
) -> dict[str, list[Any]]:
    """Write what was said about each part; return the parts of every message as (row, `Part`)."""
    query = select(gateway_messages).where(g.delivery_id.in_(delivery_ids))
    parts = {(row.gateway, row.message_id, row.number_key): row for row in await conn.execute(query)}
    now = {key: Part(row.status, row.failure) for key, row in parts.items()}
    for one in sorted(said, key=lambda one: STRONGEST_FIRST.get(one.status, len(STRONGEST_FIRST))):
        key = (one.gateway, one.message_id, one.to)
        if key in now:
            now[key] = heard(now[key], Part(one.status, one.failure))
    changed = [
        {"g_status": part.status, "g_failure": part.failure} | _key(parts[key])
        for key, part in now.items()
        if part != Part(parts[key].status, parts[key].failure)
    ]
    if changed:
        await conn.execute(_say, changed)
    found: dict[str, list[Any]] = {delivery_id: [] for delivery_id in delivery_ids}
    for key, row in parts.items():
        found[row.delivery_id].append((row, now[key]))
    return found


async def _conclude(conn: AsyncConnection, clock: Clock, rows: Sequence[tuple[Any, Sequence[Any]]]) -> None:
    """Move rows by what is known about their parts."""
    now = clock.now()
    delivered: list[str] = []
    for row, parts in rows:
        meant = _meant(parts)
        after = moved(row.state, meant.status) if meant is not None else None
        if meant is None or after is None:
            continue
        if meant.again and row.digest_id is None and not any(_no_more(one) for one, _ in parts):
            await _once_more(conn, row.delivery_id, meant.failure, now + clock.span(AGAIN_AFTER))
        elif after == DELIVERED and row.digest_id is None:
            delivered.append(row.delivery_id)
        else:
            await move(conn, row, after, at=now, reason=meant.failure)
    if delivered:  # nearly all of them: in one statement
        values = {
            "state": DELIVERED,
            "reason": None,
            "delivered_at": now,
            "sent_at": func.coalesce(d.sent_at, now),
        }
        await conn.execute(update(deliveries).where(d.delivery_id.in_(delivered)).values(**values))


def _no_more(part: Any) -> bool:
    """Whether a message does not go again: it did already, or it is only likely that its reports are about it."""
    return bool(part.over) or part.expected is not None


def _meant(parts: Sequence[tuple[Any, Part]]) -> Verdict | None:
    """Return the verdict on a message; of an attempt that is over it only counts that it arrived after all."""
    earlier = _verdict([(one, part) for one, part in parts if one.over])
    if earlier is not None and earlier.status == DELIVERED:
        return earlier
    return _verdict([(one, part) for one, part in parts if not one.over])


def _verdict(parts: Sequence[tuple[Any, Part]]) -> Verdict | None:
    return verdict([part for _, part in parts], max(one.parts for one, _ in parts)) if parts else None


async def _once_more(conn: AsyncConnection, delivery_id: str, why: str | None, due_at: datetime) -> None:
    """Plan a row again, once: the carrier says itself that nothing of it arrived, and not that it never will."""
    values = {"state": "planned", "reason": why, "due_at": due_at}
    cleared = {"handed_at": None, "gateway_ref": None, "sent_at": None}
    await conn.execute(update(deliveries).where(d.delivery_id == delivery_id).values(**values, **cleared))
    await conn.execute(update(gateway_messages).where(g.delivery_id == delivery_id).values(over=True))


def _key(row: Any) -> dict[str, Any]:
    return {f"its_{name}": getattr(row, name) for name in KEY[:3]}


def _this(table: Table, names: Sequence[str]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"its_{name}") for name in names]


_say = (
    update(gateway_messages)
    .where(*_this(gateway_messages, KEY[:3]))
    .values(status=bindparam("g_status"), failure=bindparam("g_failure"))
)
# Not what was said anew meanwhile.
_gone = delete(parked_reports).where(*_this(parked_reports, KEY))
