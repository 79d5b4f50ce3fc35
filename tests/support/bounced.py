"""Mails of a flow that come back, and what that has changed."""

from sqlalchemy import select

from channels.email.bounces import Bounce
from channels.email.bounces.bounce import Word
from config.database.schema import bounces, campaigns, suppressions
from streams.names import MATCH_TASKS
from streams.receipts.bounces import apply, keep
from tests.support.flow import Flow


async def planned(flow: Flow) -> str:
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return str((await flow.row())["delivery_id"])


async def sent(flow: Flow) -> str:
    delivery_id = await planned(flow)
    await flow.deliver("email", [delivery_id])
    assert (await flow.row())["state"] == "sent"
    return delivery_id


async def comes_back(flow: Flow, delivery_id: str | None, word: Word, body: bytes = b"") -> bool:
    """Take a bounce as the receiver does; returns whether it could be applied at once."""
    now = flow.clock.now()
    bounce = Bounce(word, "5.0.0", "test", "550 no")
    async with flow.record.write() as conn:
        bounce_id = await keep(conn, bounce, delivery_id, body, now)
    async with flow.record.write() as conn:
        return await apply(conn, bounce_id, now)


async def state(flow: Flow) -> tuple[str, str | None]:
    row = await flow.row()
    return row["state"], row["reason"]


async def suppressed(flow: Flow) -> list[str]:
    async with flow.record.read() as conn:
        return list(await conn.scalars(select(suppressions.c.reason)))


async def parked(flow: Flow) -> list[str | None]:
    async with flow.record.read() as conn:
        return list(await conn.scalars(select(bounces.c.parked)))


async def campaign_state(flow: Flow) -> str:
    async with flow.record.read() as conn:
        return str(await conn.scalar(select(campaigns.c.state)))
