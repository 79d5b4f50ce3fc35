"""Text messages of a flow that a gateway took under ids of its own, and what it says of them later."""

from typing import Any

from channels.channel import Outcome
from channels.heard import Failure, FarReport, Status
from channels.message import Message, Progress, Receipt
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from tests.support.flow import Flow

GATEWAY = "smpp"


def takes(parts: int = 1, gateway: str = GATEWAY) -> Any:
    """A gateway that takes everything, under ids that count on."""
    counted = iter(range(1, 10_000))

    def script(message: Message) -> Outcome:
        number = next(counted)
        ids = tuple(f"{number}.{part}" for part in range(1, parts + 1))
        return Receipt(Progress.SENT, ids[0], gateway=gateway, ids=ids)

    return script


def said(
    message_id: str, status: Status = "delivered", failure: Failure | None = None, number: str | None = None
) -> FarReport:
    return FarReport(GATEWAY, message_id, number, status, failure, "stat")


def ear(flow: Flow) -> Hearing:
    return Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock)


async def hear(flow: Flow, *reports: FarReport, apply: bool = True) -> None:
    await ear(flow).reports(reports)
    if apply:
        await apply_parked(flow.desk)


async def planned(flow: Flow, *names: str) -> list[str]:
    for name in names or ("S-1",):
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [str(row["delivery_id"]) for row in await flow.rows()]


async def sent(flow: Flow, *names: str, parts: int = 1) -> list[str]:
    flow.channels["sms"].script = takes(parts)
    delivery_ids = await planned(flow, *names)
    await flow.deliver("sms", delivery_ids)
    assert {row["state"] for row in await flow.rows()} == {"sent"}
    return delivery_ids


async def state(flow: Flow) -> tuple[str, str | None]:
    row = await flow.row()
    return row["state"], row["reason"]
