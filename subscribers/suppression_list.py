"""The suppression list as operators keep it: seen, looked up by an address, added to, and lifted with a reason.

Addresses are not in it: only their blind indexes are kept. Whoever looks one up has to have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, soft_failures, suppressions
from subscribers.contacts import Vault
from subscribers.rows import note
from subscribers.suppression import OPTED_OUT, reinstate, suppress

s, c = suppressions.c, contacts.c
ENTRY = "suppression"


class SaidNoError(Exception):
    """Who holds this address said no. Nobody else may take that back.

    Its holder does, at /join or /my, or by opening the channel again.
    """


@dataclass(frozen=True)
class Entry:
    """A line of the list.

    Attributes:
        channel: where nothing goes there.
        index: the blind index, in hex; it names the entry and shows nothing.
        reason: ``gone``, ``unreachable``, ``complained``, ``opted_out``, or an operator's words.
        said: the far side's own words where it said any, without addresses.
        at: since when.
        subscribers: who holds the address, by id; more than ten are cut off.
    """

    channel: str
    index: str
    reason: str
    said: str | None
    at: datetime
    subscribers: tuple[str, ...]


MOST_HOLDERS = 10


async def list_suppressed(
    conn: AsyncConnection,
    *,
    channel: str | None = None,
    reason: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
    after: str | None = None,
) -> tuple[list[Entry], str | None]:
    """Return a page of the list, newest first, and a cursor for the next one.

    Raises:
        ValueError: ``after`` is no cursor of this list.
    """
    query = select(suppressions).order_by(s.at.desc(), s.channel.desc(), s.blind_index.desc())
    for column, value in ((s.channel, channel), (s.reason, reason)):
        query = query.where(column == value) if value is not None else query
    if since is not None:
        query = query.where(s.at >= since)
    if after is not None:
        moment, of_channel, index = after.split("|")
        last = (datetime.fromisoformat(moment), of_channel, index)
        query = query.where(tuple_(s.at, s.channel, s.blind_index) < tuple_(*last))
    rows = (await conn.execute(query.limit(limit + 1))).all()
    more = rows[limit - 1] if len(rows) > limit else None
    cursor = f"{more.at.isoformat()}|{more.channel}|{more.blind_index}" if more is not None else None
    return await _entries(conn, rows[:limit]), cursor


async def find_suppressed(conn: AsyncConnection, vault: Vault, channel: str, address: str) -> Entry | None:
    """Return the entry of an address; None where it is not on the list.

    Raises:
        AddressError: the channel takes no such address.
    """
    which = (s.channel == channel, s.blind_index == vault.blind_index(channel, address))
    found = await _entries(conn, (await conn.execute(select(suppressions).where(*which))).all())
    return found[0] if found else None


async def add_suppressed(
    conn: AsyncConnection, vault: Vault, channel: str, address: str, *, reason: str, actor: str, now: datetime
) -> tuple[Entry, bool]:
    """Put an address on the list; the first reason and date stand.

    Returns:
        The entry, and whether it is new.

    Raises:
        AddressError: the channel takes no such address.
    """
    known = await find_suppressed(conn, vault, channel, address)
    if known is not None:
        return known, False
    await suppress(conn, vault, channel, address, reason=reason, now=now)
    added = await find_suppressed(conn, vault, channel, address)
    if added is None:
        raise RuntimeError("a suppression vanished in its own transaction")
    await note(conn, actor, f"{ENTRY}.added", _named(added), {"reason": reason}, now)
    return added, True


async def lift_suppressed(
    conn: AsyncConnection, vault: Vault, channel: str, address: str, *, reason: str, actor: str, now: datetime
) -> Entry | None:
    """Take an address off the list, and forget the failures that were counted; the audit keeps who did it and why.

    Returns:
        What stood there; None where it was not on the list.

    Raises:
        AddressError: the channel takes no such address.
        SaidNoError: whoever holds it said no.
    """
    index = vault.blind_index(channel, address)
    which = (s.channel == channel, s.blind_index == index)
    # Locked: a no that is said at this moment comes before or after.
    rows = (await conn.execute(select(suppressions).where(*which).with_for_update())).all()
    found = await _entries(conn, rows)
    if not found:
        return None
    if found[0].reason == OPTED_OUT:
        raise SaidNoError
    await reinstate(conn, channel, index, reason=found[0].reason, now=now)
    f = soft_failures.c
    await conn.execute(delete(soft_failures).where(f.channel == channel, f.blind_index == index))
    details = {"reason": reason, "was": found[0].reason, "since": found[0].at.isoformat()}
    await note(conn, actor, f"{ENTRY}.lifted", _named(found[0]), details, now)
    return found[0]


async def _entries(conn: AsyncConnection, rows: Sequence[Any]) -> list[Entry]:
    held: dict[tuple[str, str], list[str]] = {}
    if rows:
        holders = select(c.channel, c.blind_index, c.subscriber_id)
        holders = holders.where(c.blind_index.in_(sorted({row.blind_index for row in rows})))
        for found in await conn.execute(holders.order_by(c.subscriber_id)):
            held.setdefault((found.channel, found.blind_index), []).append(found.subscriber_id)
    return [
        Entry(
            row.channel,
            row.blind_index,
            row.reason,
            row.said,
            row.at,
            tuple(held.get((row.channel, row.blind_index), ())[:MOST_HOLDERS]),
        )
        for row in rows
    ]


def _named(entry: Entry) -> str:
    return f"{entry.channel}:{entry.index}"
