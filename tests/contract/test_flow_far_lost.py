"""Texts whose answer was lost over a gateway that cannot be asked: found by the number that their report is about."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from channels.channel import Outcome
from channels.errors import UnknownOutcomeError
from channels.heard import Failure, FarReport, Status
from channels.message import Message, Progress, Receipt
from config.database.schema import deliveries, gateway_messages, parked_reports, suppressions
from streams.far.lost import find_lost
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from streams.sweeps import end_leases, give_up_unknown
from tests.support.flow import Flow

GATEWAY = "cmpp"
NUMBER = f"+86138{sum(b'S-1'):08d}"  # of S-1
HOUR = timedelta(hours=1)


def lost(parts: int | None = 1, gateway: str = GATEWAY) -> Any:
    return lambda message: UnknownOutcomeError("cut", gateway=gateway, reports=parts)


def said(
    message_id: str,
    status: Status = "delivered",
    failure: Failure | None = None,
    whose: str | None = NUMBER,
    gateway: str = GATEWAY,
) -> FarReport:
    return FarReport(gateway, message_id, whose, status, failure, "stat", whose)


async def hear(flow: Flow, *reports: FarReport) -> int:
    """Hear reports; both sweeps run. Returns how many ids were found."""
    await Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock).reports(reports)
    await apply_parked(flow.desk)
    return await find_lost(flow.desk)


async def planned(flow: Flow, *names: str) -> list[str]:
    before = {row["delivery_id"] for row in await flow.rows()}
    for name in names or ("S-1",):
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [str(row["delivery_id"]) for row in await flow.rows() if row["delivery_id"] not in before]


async def send(flow: Flow, script: Any, *names: str) -> list[str]:
    flow.channels["sms"].script = script
    delivery_ids = await planned(flow, *names)
    await flow.deliver("sms", delivery_ids)
    return delivery_ids


async def states(flow: Flow) -> list[str]:
    return sorted(str(row["state"]) for row in await flow.rows())


async def parked(flow: Flow) -> int:
    async with flow.record.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(parked_reports)) or 0)


async def test_a_late_report_settles_the_only_text_that_it_can_be_about(flow: Flow) -> None:
    await send(flow, lost())
    assert await states(flow) == ["unknown"]
    flow.clock.advance(70 * HOUR)
    assert await hear(flow, said("77")) == 1
    row = await flow.row()
    assert (row["state"], row["reason"], row["delivered_at"]) == ("delivered", None, flow.clock.now())
    assert await parked(flow) == 0
    assert len(flow.channels["sms"].sent) == 1


async def test_one_that_came_before_the_answer_was_given_up_waits_for_the_row(flow: Flow) -> None:
    async def meanwhile() -> None:
        assert await hear(flow, said("77")) == 0
        assert await states(flow) == ["claimed"]
        flow.clock.advance(timedelta(seconds=30))

    flow.channels["sms"].meanwhile = meanwhile
    await send(flow, lost())
    assert await states(flow) == ["unknown"]
    assert await find_lost(flow.desk) == 1
    assert await states(flow) == ["delivered"]


async def test_the_same_again_and_in_whatever_order_changes_nothing(flow: Flow) -> None:
    await send(flow, lost())
    assert await hear(flow, said("77", "accepted"), said("77", "accepted")) == 1
    assert await states(flow) == ["sent"]
    assert await hear(flow, said("77")) == 0
    row = await flow.row()
    assert row["state"] == "delivered"
    flow.clock.advance(HOUR)
    assert await hear(flow, said("77", "failed", "gone"), said("77", "accepted"), said("77")) == 0
    assert await find_lost(flow.desk) == 0
    assert await flow.row() == row
    assert await parked(flow) == 0
    async with flow.record.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(suppressions)) == 0


async def test_reports_of_all_parts_deliver_and_one_that_failed_fails(flow: Flow) -> None:
    await send(flow, lost(3))
    assert await hear(flow, said("1"), said("2")) == 2
    assert await states(flow) == ["sent"]
    assert await hear(flow, said("2")) == 0
    assert await states(flow) == ["sent"], "two parts of three"
    assert await hear(flow, said("3")) == 1
    assert await states(flow) == ["delivered"]


@pytest.mark.parametrize("failure", ["off", "busy"])
async def test_a_text_that_failed_so_is_failed_and_does_not_go_again(flow: Flow, failure: Failure) -> None:
    await send(flow, lost(2))
    assert await hear(flow, said("1", "failed", failure), said("2", "failed", failure)) == 2
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("failed", failure)
    assert len(flow.channels["sms"].sent) == 1


async def test_more_ids_than_parts_are_about_something_else_too(flow: Flow) -> None:
    await send(flow, lost())
    assert await hear(flow, said("1"), said("2")) == 0
    assert await states(flow) == ["unknown"]
    assert await parked(flow) == 2


async def test_what_may_be_about_two_texts_is_left_alone_even_when_one_is_given_up(flow: Flow) -> None:
    (first,) = await send(flow, lost())
    flow.clock.advance(HOUR)
    await send(flow, lost())
    flow.clock.advance(HOUR)
    assert await hear(flow, said("77")) == 0
    assert await states(flow) == ["unknown", "unknown"]
    flow.clock.advance(70.5 * HOUR)
    assert await give_up_unknown(flow.desk) == 1
    assert await find_lost(flow.desk) == 0
    assert await states(flow) == ["failed", "unknown"]
    assert {row["delivery_id"]: row["state"] for row in await flow.rows()}[first] == "failed"


@pytest.mark.parametrize(
    "report",
    [
        said("77", whose="+8613999999999"),
        said("77", gateway="other"),
        said("77", whose=None),
        said("77", whose="nonsense"),
    ],
)
async def test_another_number_another_gateway_or_none_find_nothing(flow: Flow, report: FarReport) -> None:
    await send(flow, lost())
    assert await hear(flow, report) == 0
    assert await states(flow) == ["unknown"]


async def test_one_that_came_after_three_days_finds_nothing(flow: Flow) -> None:
    await send(flow, lost())
    flow.clock.advance(72 * HOUR + timedelta(minutes=1))
    assert await hear(flow, said("77")) == 0


async def test_a_text_of_unknown_length_or_over_a_gateway_that_can_be_asked_is_left_alone(flow: Flow) -> None:
    await send(flow, lost(None))
    assert await hear(flow, said("77")) == 0
    assert await states(flow) == ["unknown"]


async def test_reports_of_texts_with_ids_are_never_taken_for_those_of_a_lost_one(flow: Flow) -> None:
    def second(message: Message) -> Outcome:
        return Receipt(Progress.SENT, gateway=GATEWAY, ids=("88",))

    (first,) = await send(flow, lost())

    async def meanwhile() -> None:
        assert await hear(flow, said("88")) == 0, "its own answer may be on its way"

    flow.channels["sms"].meanwhile = meanwhile
    await send(flow, second)
    assert await find_lost(flow.desk) == 0
    await apply_parked(flow.desk)
    assert {row["delivery_id"]: row["state"] for row in await flow.rows()}[first] == "unknown"
    assert await states(flow) == ["delivered", "unknown"]
    assert await hear(flow, said("88")) == 0
    assert await hear(flow, said("77")) == 1
    assert await states(flow) == ["delivered", "delivered"]


async def test_a_text_whose_sender_vanished_makes_another_one_doubtful(flow: Flow) -> None:
    await send(flow, lost())
    (vanished,) = await planned(flow)
    async with flow.record.write() as conn:
        row = update(deliveries).where(deliveries.c.delivery_id == vanished)
        await conn.execute(row.values(state="claimed", claim="c", lease_until=flow.clock.now()))
    flow.clock.advance(timedelta(seconds=1))
    await end_leases(flow.desk)
    assert await states(flow) == ["unknown", "unknown"]
    assert await hear(flow, said("77")) == 0
    assert await states(flow) == ["unknown", "unknown"]


async def test_many_are_found_each_by_its_number(flow: Flow) -> None:
    names = [f"S-{n}" for n in range(10, 40)]
    flow.channels["sms"].script = lost(2)
    await flow.deliver("sms", await planned(flow, *names))
    numbers: Sequence[str] = sorted({message.address for message in flow.channels["sms"].sent})
    reports = [said(f"{number}.{part}", whose=number) for number in numbers for part in (1, 2)]
    alone = [
        number
        for number in numbers
        if sum(message.address == number for message in flow.channels["sms"].sent) == 1
    ]
    assert await hear(flow, *reports) == 2 * len(alone)
    assert (await states(flow)).count("delivered") == len(alone)
    async with flow.record.read() as conn:
        counted = select(func.count()).select_from(gateway_messages).where(gateway_messages.c.parts == 2)
        assert await conn.scalar(counted) == 2 * len(alone)
