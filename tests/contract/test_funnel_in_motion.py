"""A funnel is read by several queries while deliveries go on: it never calls complete what it has not counted yet."""

from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import deliveries
from streams.campaigns.figures import funnel
from streams.names import MATCH_TASKS
from tests.support.figures import added_up
from tests.support.flow import AGENCY, NOW, Flow


class Interrupted:
    """A connection beside which the last row arrives as soon as the ledger was asked anything."""

    def __init__(self, conn: AsyncConnection, flow: Flow) -> None:
        self._conn = conn
        self._flow = flow
        self._arrived = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def execute(self, statement: Any, *given: Any) -> Any:
        result = await self._conn.execute(statement, *given)
        if "FROM deliveries" in str(statement) and not self._arrived:
            self._arrived = True
            async with self._flow.record.write() as conn:
                values = {"state": "delivered", "sent_at": NOW, "delivered_at": NOW}
                await conn.execute(update(deliveries).values(values))
        return result


async def test_a_funnel_that_is_complete_has_counted_the_last_arrival(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    async with flow.record.read() as conn:
        seen = await funnel(cast("AsyncConnection", Interrupted(conn, flow)), AGENCY, "P-1")
    assert seen is not None
    assert (seen.complete, seen.planned, seen.delivered, seen.reached) == (False, 1, 0, 1)
    assert added_up(seen) == seen.planned  # those of one moment
    after = await flow.funnel()
    assert (after.complete, after.delivered, after.reached) == (True, 1, 1)
