"""Text messages with the record behind them: claimed, sent, settled, their reports kept and applied, on SQLite.

The deliver step and the sweep for reports are the service's own; batches come one after another, the sweep once a
second, as they do there. Every commit is synced.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from channels.sms.channel import SmsChannel
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import Gateway, GatewayBuilding
from channels.sms.links import SmsLinks
from channels.sms.way import Way
from config.database.schema import deliveries
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from streams.steps.deliver import deliver
from subscribers.model import SubscriberIn, SubscriptionIn
from subscribers.registry import put_subscriber, put_subscriptions
from tests.support.flow import NOW, SHARDS, SOFTWARE, Flow, open_flow

BATCH = 500
SWEEP_S = 1.0
LOOK_S = 0.05
WAIT_S = 300.0


async def ledger_s(gateway_of: Callable[[GatewayBuilding], Gateway], name: str, count: int) -> float:
    """Return the seconds from the first of so many planned rows until every one of them is delivered.

    Args:
        gateway_of: builds the gateway over the far side, which reports everything as delivered.
        name: the gateway's.
        count: rows.
    """
    with tempfile.TemporaryDirectory(prefix="zhengda-benchmark-") as folder:
        async with open_flow(f"sqlite:///{Path(folder) / 'record.db'}") as flow:
            await _plan(flow, count)
            heard = Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock)
            building = GatewayBuilding(name, "政达", SmsLinks("", b"key"), heard, load_codes())
            channel = SmsChannel([Way(gateway_of(building))])
            await channel.open()
            try:
                return await _deliver(flow, channel, count)
            finally:
                await channel.close()


async def _plan(flow: Flow, count: int) -> None:
    """So many subscribers with a number, and a policy that fits them all."""
    consent = {"basis": "申请表", "at": NOW, "evidence": "表 7"}
    wanted = [SubscriptionIn(id="soft", name="软件扶持", criteria=SOFTWARE, channels=["sms"])]
    for begin in range(0, count, BATCH):
        async with flow.record.write() as conn:
            for number in range(begin, min(begin + BATCH, count)):
                contact = {"channel": "sms", "address": f"138{number:08d}", "consent": consent}
                given = SubscriberIn.model_validate(
                    {"name": f"{number} 公司", "contacts": [contact], "profile_matching": False}
                )
                subscriber_id = f"S-{number}"
                await put_subscriber(
                    conn, flow.desk.vault, subscriber_id, given, shards=SHARDS, now=NOW, actor="benchmark"
                )
                await put_subscriptions(conn, subscriber_id, wanted, now=NOW)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


async def _deliver(flow: Flow, channel: SmsChannel, count: int) -> float:
    ids = [str(row["delivery_id"]) for row in await flow.rows(state="planned")]
    assert len(ids) == count, f"{len(ids)} rows instead of {count}"

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await apply_parked(flow.desk)

    sweeping = asyncio.create_task(sweep())
    began = time.perf_counter()
    try:
        for begin in range(0, count, BATCH):
            await deliver(flow.desk, channel, {"delivery_ids": ids[begin : begin + BATCH]})
        async with asyncio.timeout(WAIT_S):
            while await _delivered(flow) < count:  # noqa: ASYNC110 - the record is asked
                await asyncio.sleep(LOOK_S)
        return time.perf_counter() - began
    finally:
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping


async def _delivered(flow: Flow) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.state == "delivered")
    async with flow.record.read() as conn:
        return int(await conn.scalar(query) or 0)
