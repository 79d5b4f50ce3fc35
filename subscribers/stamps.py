"""How new the record's subscribers are: by this a copy of them finds out what it missed, whatever the clocks say.

A subscriber's stamp is its version, which every change raises, with the moment of that change. The version alone would
do, were a record never restored from a backup: there the same number comes again for another change. Whoever waits to
be confirmed (``pending``) has no stamp: nobody is told of it, and it may vanish; nobody else's row ever does.

All of it is answered by the index ``ix_subscribers_stamps`` alone.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import subscribers
from subscribers.model import PENDING
from subscribers.rows import chunks

PAGE = 2_000  # rows that are read at a time, which takes a few milliseconds

s = subscribers.c
Stamp = tuple[int, int]  # version, moment of the change in microseconds since 1970


class Total(NamedTuple):
    """Of several stamps: of how many people, the sum of their versions, the newest moment (0 for none).

    Versions only rise, so where two totals of the same people agree, each of their versions does.
    """

    people: int
    versions: int
    newest: int


async def total(conn: AsyncConnection, shard: int, first: str = "", end: str | None = None) -> Total:
    """Return the total of a shard, or of those of its subscribers from ``first`` up to ``end``, which is not counted.

    "Up to" is as the record sorts, which on PostgreSQL is its own affair.
    """
    values = {"shard": shard, "first": first} | ({} if end is None else {"end": end})
    row = (await conn.execute(_TOTAL if end is None else _TOTAL_TO, values)).one()
    return Total(row[0], int(row[1] or 0), _moment(row[2]) if row[2] else 0)


async def stamps(
    conn: AsyncConnection, shard: int, first: str = "", end: str | None = None
) -> AsyncIterator[list[tuple[str, Stamp]]]:
    """Yield pages of (subscriber_id, stamp), in the record's order; see `total`."""
    at = first
    statement = _FROM if end is None else _FROM_TO
    while True:
        values = {"shard": shard, "first": at} | ({} if end is None else {"end": end})
        page = [
            (who, stamp(version, moment)) for who, version, moment in await conn.execute(statement, values)
        ]
        if page:
            yield page
        if len(page) < PAGE:
            return
        at, statement = page[-1][0], _AFTER if end is None else _AFTER_TO


async def stamps_of(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, Stamp]:
    """Return the stamps of these subscribers; who has none is missing."""
    found: dict[str, Stamp] = {}
    for part in chunks(sorted(set(ids))):
        for who, version, moment in await conn.execute(_OF, {"ids": part}):
            found[who] = stamp(version, moment)
    return found


def stamp(version: int, at: datetime) -> Stamp:
    """Return the stamp of a subscriber's row."""
    return version, _moment(at)


def _moment(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)  # exact to the microsecond, or the same error each time


def _where(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(s.shard == bindparam("shard"), s.status != PENDING, *more)


def _listed(*more: ColumnElement[bool]) -> Select[Any]:
    listed = select(s.subscriber_id, s.version, s.updated_at).where(_where(*more))
    return listed.order_by(s.subscriber_id).limit(PAGE)


# Made once: to put a statement together costs more than to answer it.
_first, _after, _end = (
    s.subscriber_id >= bindparam("first"),
    s.subscriber_id > bindparam("first"),
    s.subscriber_id < bindparam("end"),
)
_SUMS = select(func.count(), func.sum(s.version), func.max(s.updated_at))
_TOTAL, _TOTAL_TO = _SUMS.where(_where(_first)), _SUMS.where(_where(_first, _end))
_FROM, _FROM_TO = _listed(_first), _listed(_first, _end)
_AFTER, _AFTER_TO = _listed(_after), _listed(_after, _end)
_OF = select(s.subscriber_id, s.version, s.updated_at).where(
    s.subscriber_id.in_(bindparam("ids", expanding=True)), s.status != PENDING
)
