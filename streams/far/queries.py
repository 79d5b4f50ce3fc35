"""Asking gateways what became of texts: where no report came, and where the answer to the sending itself was lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.errors import TransportError
from channels.standing import Sent, StandingLine
from config.clock import ago
from config.database.record import insert_new
from config.database.schema import UNKNOWN_ROWS, deliveries, gateway_messages
from config.database.schema.far_reports import WAITING
from config.logging import get_logger
from streams.desk import Desk
from streams.far.messages import ASK_AFTER, NO_NUMBER, ask_again, number_key
from streams.far.reports import keep
from subscribers.standing import standings

log = get_logger(__name__)
d, g = deliveries.c, gateway_messages.c

AT_ONCE = 200
AWAITED = d.state.in_(("sent", "unknown"))  # of what a gateway took, or may have taken


async def ask_gateways(desk: Desk, standing: Sequence[StandingLine]) -> int:
    """Sweep: ask those that can be asked about what has waited long enough; less and less often until it is settled.

    Returns:
        How many reports that brought; `apply_parked` applies them.
    """
    brought = 0
    for channel in standing:
        for gateway in channel.asked:
            await _adopt(desk, channel.name, gateway)
            brought += await _ask(desk, channel, gateway)
    return brought


async def _ask(desk: Desk, channel: StandingLine, gateway: str) -> int:
    due = await _due(desk, channel.name, gateway)
    if not due:
        return 0
    try:
        found = await channel.query(gateway, due)
    except TransportError as exc:
        log.warning("gateway.not_asked", gateway=gateway, reason=exc.reason)
        return 0
    if found:
        async with desk.record.write() as conn:
            await keep(conn, desk.vault, found, desk.clock.now())
    return len(found)


async def _due(desk: Desk, channel: str, gateway: str) -> list[Sent]:
    """Take what is to be asked about now: whoever takes it asks, and its next turn comes later."""
    now = desk.clock.now()
    query = (
        select(gateway_messages, d.subscriber_id, d.contact_id)
        .select_from(gateway_messages.join(deliveries, d.delivery_id == g.delivery_id))
        .where(g.gateway == gateway, g.ask_at <= now, WAITING, g.over.is_(False), AWAITED)
        .order_by(g.ask_at)
        .limit(AT_ONCE)
    )
    async with desk.record.read() as conn:
        rows = (await conn.execute(query)).all()
        people = [(row.subscriber_id, channel, row.contact_id) for row in rows]
        known = await standings(conn, desk.vault, sorted(set(people)))
    if not rows:
        return []
    async with desk.record.write() as conn:
        mine = [row for row in rows if await _taken(conn, desk, row, now)]
    return [
        Sent(row.delivery_id, known[who].address, row.message_id if row.parts else None, row.sent_at)
        for row in mine
        if (who := (row.subscriber_id, channel, row.contact_id)) in known
    ]


async def _taken(conn: AsyncConnection, desk: Desk, row: Any, now: datetime) -> bool:
    values = {
        "its_gateway": row.gateway,
        "its_id": row.message_id,
        "its_number": row.number_key,
        "asked": row.asks,
        "new_at": ask_again(desk.clock, row.asks + 1, now),
    }
    return bool((await conn.execute(_take, values)).rowcount)


async def _adopt(desk: Desk, channel: str, gateway: str) -> None:
    """Let a gateway be asked about rows whose sender vanished before it could write down who took them, if anybody.

    Rows whose contact is gone are written down as well, or they would be found again each time and hide the others.
    """
    nowhere = ~select(g.delivery_id).where(g.delivery_id == d.delivery_id, g.gateway == gateway).exists()
    before = ago(desk.clock, ASK_AFTER)
    lost = (UNKNOWN_ROWS, d.channel == channel, d.reason == "lease_expired", d.sent_at < before, nowhere)
    own = or_(d.digest_id.is_(None), d.digest_id == d.delivery_id)
    shown = (d.delivery_id, d.subscriber_id, d.contact_id, d.sent_at)
    async with desk.record.read() as conn:
        longest_first = select(*shown).where(*lost, own).order_by(d.sent_at).limit(AT_ONCE)
        rows = (await conn.execute(longest_first)).all()
        people = sorted({(row.subscriber_id, channel, row.contact_id) for row in rows})
        known = await standings(conn, desk.vault, people)
    if not rows:
        return
    numbers = {who: number_key(desk.vault, channel, standing.address) for who, standing in known.items()}
    new = [
        {
            "gateway": gateway,
            "message_id": row.delivery_id,
            "number_key": numbers.get((row.subscriber_id, channel, row.contact_id), NO_NUMBER),
            "delivery_id": row.delivery_id,
            "parts": 0,
            "over": False,
            "sent_at": row.sent_at,
            "ask_at": desk.clock.now(),
            "asks": 0,
        }
        for row in rows
    ]
    async with desk.record.write() as conn:
        await conn.execute(insert_new(conn, gateway_messages), new)


_take = (
    update(gateway_messages)
    .where(
        g.gateway == bindparam("its_gateway"),
        g.message_id == bindparam("its_id"),
        g.number_key == bindparam("its_number"),
        g.asks == bindparam("asked"),
    )
    .values(asks=bindparam("asked") + 1, ask_at=bindparam("new_at"))
)
