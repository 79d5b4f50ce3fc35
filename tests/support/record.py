"""What stands in the record, read past the service: also while the service is dead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database import Record, open_record
from config.database.schema import campaigns, deliveries
from service.migrating import revision_of

T = TypeVar("T")
d = deliveries.c


def claimed(url: str, *, leased_until: datetime | None = None) -> set[tuple[str, str]]:
    """E-mail that somebody is sending right now: (delivery_id, claim). A crash may send these twice, no others.

    Args:
        url: as `Settings.database_url`.
        leased_until: only claims whose lease ends by then, so that claims made later do not count.
    """

    async def ask(conn: AsyncConnection) -> set[tuple[str, str]]:
        query = select(d.delivery_id, d.claim).where(d.state == "claimed", d.channel == "email")
        if leased_until is not None:
            query = query.where(d.lease_until <= leased_until)
        return {(row.delivery_id, row.claim) for row in await conn.execute(query)}

    return _read(url, ask)


def ledger(url: str, policy_ids: Sequence[str]) -> list[tuple[str, str, str, str, str]]:
    """Every row of these policies: (delivery_id, policy_id, subscriber_id, channel, state)."""

    async def ask(conn: AsyncConnection) -> list[tuple[str, str, str, str, str]]:
        query = (
            select(d.delivery_id, campaigns.c.policy_id, d.subscriber_id, d.channel, d.state)
            .join_from(deliveries, campaigns, d.campaign_id == campaigns.c.campaign_id)
            .where(campaigns.c.policy_id.in_(policy_ids))
        )
        return [tuple(row) for row in await conn.execute(query)]  # type: ignore[misc]

    return _read(url, ask)


async def current_revision(record: Record) -> str | None:
    """The revision that ``record`` is at; None for one that was never migrated."""
    async with record.read() as conn:
        return await revision_of(conn)


def _read(url: str, ask: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def once() -> Any:
        record = open_record(url)
        try:
            async with record.read() as conn:
                return await ask(conn)
        finally:
            await record.close()

    result: T = asyncio.run(once())
    return result
