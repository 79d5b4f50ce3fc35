"""Texts whose answer was lost, and the reports about them: brought together by gateway, number and time.

SMPP and CMPP name a message in the answer to it. Where that never came, its report comes under an id that nobody here
knows. If it can be about one text only, the id becomes that text's, and is from then on one as any other.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import ago
from config.database.record import insert_new
from config.database.schema import contacts, deliveries, gateway_messages, parked_reports
from config.database.schema.far_reports import LOST, WHOSE
from config.logging import get_logger
from streams.desk import Desk
from streams.far.candidates import LostText, Stranger, belonging
from streams.far.messages import ANY_NUMBER
from streams.far.reports import CHANNEL, KEPT_FOR, apply_parked

log = get_logger(__name__)
d, g, p, c = deliveries.c, gateway_messages.c, parked_reports.c, contacts.c
known = gateway_messages.alias("known")

LATE = timedelta(hours=72)  # when a text is given up
AT_ONCE = 200  # numbers
Place = tuple[str, str]  # a gateway, the key of a number
Belonging = dict[Place, list[tuple[LostText, str]]]


async def find_lost(desk: Desk) -> int:
    """Sweep: give texts whose answer was lost the ids under which they can only have been reported.

    Returns:
        How many ids that were; the reports are applied.
    """
    before = desk.clock.now()
    async with desk.record.read() as conn:
        places = list(await _places(conn, desk, None, before))
    found = 0
    for begin in range(0, len(places), AT_ONCE):
        found += await _bring_together(desk, {key for _, key in places[begin : begin + AT_ONCE]}, before)
    if found:
        log.info("texts.found", ids=found)
        await apply_parked(desk, KEPT_FOR)
    return found


async def _bring_together(desk: Desk, keys: Collection[str], before: datetime) -> int:
    async with desk.record.write() as conn:
        # One after the other: two sweepers must not give a text more ids than it has parts.
        locked = select(g.message_id).where(LOST, g.number_key.in_(keys)).order_by(g.gateway, g.number_key)
        await conn.execute(locked.with_for_update())
        # First who is just being sent to, then who is reported of: who is not among the first has its ids by then.
        unsure = set((await conn.execute(_unsure(desk, keys))).scalars())
        sure = await _places(conn, desk, set(keys) - unsure, before)
        rows = [_row(place, text, message_id) for place, pairs in sure.items() for text, message_id in pairs]
        if rows:
            await conn.execute(insert_new(conn, gateway_messages), rows)
    return len(rows)


async def _places(
    conn: AsyncConnection, desk: Desk, keys: Collection[str] | None, before: datetime
) -> Belonging:
    """Return which strange ids are whose, of these numbers or of all."""
    about = () if keys is None else (g.number_key.in_(keys),)
    reported: defaultdict[Place, dict[str, Any]] = defaultdict(dict)
    strangers: defaultdict[Place, set[Stranger]] = defaultdict(set)
    for row in await conn.execute(_strangers().where(*about)):
        reported[row.gateway, row.number_key][row.delivery_id] = row
        if row.at <= before:
            strangers[row.gateway, row.number_key].add(Stranger(row.strange_id, row.at))
    found = await _found(conn, [one for rows in reported.values() for one in rows])
    early, late = desk.lease, desk.clock.span(LATE)
    sure: Belonging = {}
    for place, rows in reported.items():
        texts = [LostText(one, row.expected, found.get(one, 0), row.sent_at) for one, row in rows.items()]
        if pairs := belonging(texts, strangers[place], early, late):
            sure[place] = pairs
    return sure


def _strangers() -> Select[Any]:
    """Each text whose answer was lost with each report that may be about it."""
    same = (known.c.gateway == p.gateway) & (known.c.message_id == p.message_id)
    its_number = or_(p.number_key == ANY_NUMBER, known.c.number_key == p.number_key)
    nobody = ~select(known.c.delivery_id).where(same, its_number).exists()
    here = and_(p.gateway == g.gateway, p.whose == g.number_key, WHOSE)
    return (
        select(g.gateway, g.number_key, g.delivery_id, g.expected, g.sent_at)
        .add_columns(p.message_id.label("strange_id"), p.at)
        .select_from(gateway_messages.join(parked_reports, here))
        .where(LOST, g.over.is_(False), nobody)
    )


async def _found(conn: AsyncConnection, delivery_ids: Sequence[str]) -> dict[str, int]:
    """Return how many ids of texts whose answer was lost were found before."""
    counted: dict[str, int] = {}
    for begin in range(0, len(delivery_ids), AT_ONCE):
        these = (g.delivery_id.in_(delivery_ids[begin : begin + AT_ONCE]), g.parts > 0, g.over.is_(False))
        rows = await conn.execute(select(g.delivery_id, func.count()).where(*these).group_by(g.delivery_id))
        counted |= {str(delivery_id): int(count) for delivery_id, count in rows}
    return counted


def _unsure(desk: Desk, keys: Collection[str]) -> Select[Any]:
    """Numbers to which a text is just being sent, or went without anybody knowing over which gateway."""
    nowhere = ~select(g.delivery_id).where(g.delivery_id == d.delivery_id).exists()
    lost = and_(
        d.state.in_(("unknown", "failed")),
        d.reason.in_(("lease_expired", "no_receipt")),
        d.sent_at > ago(desk.clock, KEPT_FOR),
        or_(d.digest_id.is_(None), d.digest_id == d.delivery_id),
        nowhere,
    )
    theirs = and_(d.subscriber_id == c.subscriber_id, d.contact_id == c.contact_id)
    return (
        select(c.blind_index)
        .select_from(contacts.join(deliveries, theirs))
        .where(c.channel == CHANNEL, c.blind_index.in_(keys), d.channel == CHANNEL)
        .where(or_(d.state == "claimed", lost))
        .distinct()
    )


def _row(place: Place, text: LostText, message_id: str) -> dict[str, Any]:
    gateway, number_key = place
    return {
        "gateway": gateway,
        "message_id": message_id,
        "number_key": number_key,
        "delivery_id": text.delivery_id,
        "parts": text.expected,
        "over": False,
        "sent_at": text.sent_at,
        "ask_at": text.sent_at,
        "asks": 0,
    }
