"""The whole way of a text message over CMPP: claimed, sent, reported, delivered; with a real record and an ISMG."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest
from sqlalchemy import func, select

from channels.sms.gateways.cmpp.address import Address
from channels.sms.gateways.cmpp.gateway import CmppGateway
from channels.sms.gateways.cmpp.pdus import BUSY
from config.database.schema import campaigns, optouts, parked_reports, suppressions
from streams.far.lost import find_lost
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from streams.steps.deliver import deliver
from tests.servers.ismg import Ismg, running_ismg
from tests.servers.ismg_sp import IMPATIENT, building, until
from tests.support.flow import Flow
from tests.support.sms import sms_channel

PARTS = 2  # of the campaign's text
ONCE = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


@asynccontextmanager
async def line(flow: Flow, url: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Text messages over `url` as the service has them; calling what it gives delivers what is planned."""
    heard = Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock)
    gateway = CmppGateway(Address.from_url(url), building(heard), patience=IMPATIENT, chance=Random(1).random)
    channel = sms_channel(gateway)
    await channel.open()

    async def send() -> None:
        open_rows = [str(row["delivery_id"]) for row in await flow.rows() if row["state"] == "planned"]
        await deliver(flow.desk, channel, {"delivery_ids": open_rows})

    try:
        yield send
    finally:
        await channel.close()


async def planned(flow: Flow, count: int) -> None:
    for number in range(count):
        await flow.subscriber(f"S-{number}", channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


async def found(flow: Flow) -> list[str]:
    return sorted(str(row["state"]) for row in await flow.rows())


async def states(flow: Flow, *wanted: str, within_s: float = 10.0) -> None:
    """Wait until the rows are in these states; the sweep that applies reports runs meanwhile."""
    async with asyncio.timeout(within_s):
        while await found(flow) != sorted(wanted):
            await apply_parked(flow.desk)
            await asyncio.sleep(0.02)


async def count(flow: Flow, table: object) -> int:
    async with flow.record.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[call-overload]


@pytest.mark.parametrize("scheme", ["cmpp", "cmpp2"])
async def test_people_who_share_one_id_are_each_reported_by_their_number(
    flow: Flow, ismg: Ismg, scheme: str
) -> None:
    await planned(flow, 3)
    async with line(flow, ismg.url(scheme)) as send:
        ismg.faults.hold_reports = True
        await send()
        await states(flow, "sent", "sent", "sent")
        assert len(ismg.submits) == PARTS  # one text: one SUBMIT for each part, one id for all who get it
        numbers = ismg.submits[0][1].numbers
        assert len(set(numbers)) == 3
        for msg_id, _ in ismg.submits:
            await ismg.report(msg_id, numbers[1])
        await states(flow, "delivered", "sent", "sent")
        await ismg.bring()
        await states(flow, "delivered", "delivered", "delivered")
    assert {answer.result for answer in ismg.answers} == {0}
    assert await flow.count(parked_reports) == 0


@ONCE
async def test_reports_that_overtake_answers_and_come_twice_in_any_order_find_their_rows(
    flow: Flow, ismg: Ismg
) -> None:
    ismg.faults.report_first, ismg.faults.copies = True, 3
    await planned(flow, 6)
    async with line(flow, ismg.url(numbers=2)) as send:
        await send()
        await states(flow, *["delivered"] * 6)
        await ismg.report(12345, ismg.submits[0][1].numbers[0], "MI:0210")  # about nobody
        await until(lambda: len(ismg.answers) == 6 * PARTS * 3 + 1)
        await apply_parked(flow.desk)
    assert await found(flow) == ["delivered"] * 6


@ONCE
async def test_a_text_whose_answers_were_lost_is_found_by_its_reports(flow: Flow, ismg: Ismg) -> None:
    ismg.faults.hold_reports = True
    ismg.faults.results.extend([None] * PARTS)
    await planned(flow, 1)
    async with line(flow, ismg.url()) as send:
        await send()
        assert await found(flow) == ["unknown"]
        await until(lambda: ismg.lines)
        await ismg.bring()
        await until(lambda: len(ismg.answers) == PARTS)
        assert await find_lost(flow.desk) == PARTS
    assert await found(flow) == ["delivered"]
    assert len(ismg.submits) == PARTS
    assert await flow.count(parked_reports) == 0


@ONCE
async def test_a_dead_number_is_suppressed_and_its_neighbours_arrive(flow: Flow, ismg: Ismg) -> None:
    await planned(flow, 3)
    async with line(flow, ismg.url()) as send:
        ismg.faults.hold_reports = True
        await send()
        dead = ismg.submits[0][1].numbers[0]
        await ismg.report(ismg.submits[0][0], dead, "MI:0210")
        await states(flow, "failed", "sent", "sent")
        await ismg.bring(lambda held: [one for one in held if one.number != dead])
        await states(flow, "delivered", "delivered", "failed")
    assert await flow.count(suppressions) == 1


@ONCE
async def test_reports_find_rows_of_the_service_before_its_restart(flow: Flow, ismg: Ismg) -> None:
    ismg.faults.hold_reports = True
    await planned(flow, 4)
    async with line(flow, ismg.url()) as send:
        await send()
        await states(flow, *["sent"] * 4)
    async with line(flow, ismg.url()):
        await until(lambda: ismg.lines)
        await ismg.bring(lambda held: held[::-1])
        await states(flow, *["delivered"] * 4)
    assert len(ismg.submits) == PARTS, "the one text for all of them went once"
    assert await flow.count(parked_reports) == 0


@ONCE
async def test_a_gateway_that_dies_in_the_middle_leaves_what_went_unknown_and_the_rest_goes_on(
    flow: Flow, ismg: Ismg
) -> None:
    ismg.faults.torn = 2
    await planned(flow, 8)
    async with line(flow, ismg.url(numbers=1, window=2)) as send:
        await send()
        unknown = (await found(flow)).count("unknown")
        assert 1 <= unknown <= 2
        await send()
        await states(flow, *["delivered"] * (8 - unknown), *["unknown"] * unknown)
    sent = Counter((submit.numbers, submit.pk_number) for _, submit in ismg.submits)
    assert len(sent) == 8 * PARTS
    assert set(sent.values()) == {1}  # nobody is texted twice


@ONCE
async def test_a_busy_gateway_costs_no_attempt(flow: Flow, ismg: Ismg) -> None:
    ismg.faults.results.extend([BUSY] * 100)
    await planned(flow, 3)
    async with line(flow, ismg.url()) as send:
        await send()
    assert {(row["state"], row["attempts"]) for row in await flow.rows()} == {("planned", 0)}


@ONCE
async def test_a_refused_text_stops_its_campaign_and_suppresses_nobody(flow: Flow, ismg: Ismg) -> None:
    ismg.faults.results.extend([6] * 100)
    await planned(flow, 3)
    async with line(flow, ismg.url()) as send:
        await send()
    assert await found(flow) == ["held"] * 3
    assert await flow.count(suppressions) == 0
    async with flow.record.read() as conn:
        assert await conn.scalar(select(campaigns.c.state)) == "stopped"


@ONCE
async def test_who_answers_td_is_left_alone(flow: Flow, ismg: Ismg) -> None:
    await planned(flow, 1)
    async with line(flow, ismg.url()) as send:
        await send()
        await states(flow, "delivered")
        number = ismg.submits[0][1].numbers[0]
        await ismg.reply(f"86{number}", "ＴＤ".encode("utf-16-be"))
        await until(lambda: len(ismg.answers) == len(ismg.submits) + 1)
    assert ismg.answers[-1].result == 0
    assert await flow.count(optouts) == 1
