"""The whole way of a text message over SMPP: claimed, sent, reported, delivered; with a real record and npm's SMSC."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.gateways.smpp import line as line_module
from channels.sms.links import SmsLinks
from config.database.schema import optouts, parked_reports
from streams.far.lost import find_lost
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from streams.steps.deliver import deliver
from tests.servers.npm_smsc import NpmSmsc
from tests.support.flow import Flow
from tests.support.sms import sms_channel

Start = Callable[..., NpmSmsc]


@asynccontextmanager
async def line(flow: Flow, url: str) -> AsyncIterator[Callable[[], object]]:
    """Text messages over `url` as the service has them; calling what it gives delivers what is planned."""
    desk = flow.desk
    heard = Hearing(flow.record, desk.vault, desk.log, flow.clock)
    building = GatewayBuilding("smpp", "政达", SmsLinks("", b"key"), heard, load_codes())
    channel = sms_channel(SmppGateway(place_of(url), building, random=lambda: 0.0))
    await channel.open()

    async def send() -> None:
        open_rows = [str(row["delivery_id"]) for row in await flow.rows() if row["state"] == "planned"]
        await deliver(desk, channel, {"delivery_ids": open_rows})

    try:
        yield send
    finally:
        await channel.close()


async def planned(flow: Flow, *names: str) -> None:
    for name in names:
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


async def states(flow: Flow, wanted: set[str], timeout_s: float = 10.0) -> None:
    """Wait until the rows are in these states; the sweep that applies reports runs meanwhile."""
    async with asyncio.timeout(timeout_s):
        while {row["state"] for row in await flow.rows()} != wanted:
            await apply_parked(flow.desk)
            await asyncio.sleep(0.02)


async def test_what_is_planned_is_delivered_when_the_carrier_says_so(flow: Flow, smsc: Start) -> None:
    server = smsc(stat="DELIVRD")
    await planned(flow, "S-1", "S-2", "S-3")
    async with line(flow, server.url()) as send:
        await send()
        await states(flow, {"delivered"})
    assert server.count("text") == 3
    assert {one["status"] for one in server.said("reported")} == {0}
    assert await flow.count(parked_reports) == 0


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_reports_that_overtake_answers_and_come_twice_find_their_rows(flow: Flow, smsc: Start) -> None:
    server = smsc(stat="DELIVRD", answerMs=50, reportMs=-1, twice=True)
    await planned(flow, "S-1", "S-2")
    async with line(flow, server.url()) as send:
        await send()
        await states(flow, {"delivered"})
    assert server.count("text") == 2
    assert server.count("reported") > server.count("text"), "reports came twice"


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_reports_in_decimal_find_rows_of_the_service_before_its_restart(
    flow: Flow, smsc: Start
) -> None:
    server = smsc(stat="DELIVRD", reportAs="dec", tlv=False, reportMs=600)
    await planned(flow, *(f"S-{one}" for one in range(12)))
    async with line(flow, server.url()) as send:
        await send()
        await states(flow, {"sent"})
    async with line(flow, server.url()):
        await states(flow, {"delivered"})
    assert server.count("text") == 12, "each went once"


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_killed_smsc_costs_no_message_and_none_goes_twice(
    flow: Flow, smsc: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    server = smsc(stat="DELIVRD", answerMs=-1)  # takes them, and dies before it says so
    await planned(flow, *(f"S-{one}" for one in range(6)))
    async with line(flow, server.url("&window=4")) as send:
        sending = asyncio.create_task(send())
        await asyncio.to_thread(server.wait, "text", 2)
        await asyncio.to_thread(server.kill)
        await sending
        found = [row["state"] for row in await flow.rows()]
        unknown = found.count("unknown")
        assert unknown == server.count("text") == 2
        assert found.count("planned") == 4
        server.options["answerMs"] = 0
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(server.wait, "bind", 2)
        flow.clock.advance(timedelta(minutes=2))
        await send()
        await states(flow, {"delivered", "unknown"})
        assert server.count("text") == 6


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_texts_whose_answers_were_lost_are_found_by_their_reports(flow: Flow, smsc: Start) -> None:
    server = smsc(stat="DELIVRD", answerMs=-1, reportMs=10)
    await planned(flow, "S-1", "S-2")
    async with line(flow, server.url("&ids=same&answer=1")) as send:
        await send()
        assert {row["state"] for row in await flow.rows()} == {"unknown"}
        assert await asyncio.to_thread(server.wait, "reported", 4)
        assert await find_lost(flow.desk) == 4, "two parts each"
    assert {row["state"] for row in await flow.rows()} == {"delivered"}
    assert server.count("text") == 2


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_who_answers_td_is_left_alone(flow: Flow, smsc: Start) -> None:
    server = smsc(stat="DELIVRD")
    await planned(flow, "S-1")
    async with line(flow, server.url()) as send:
        await send()
        await states(flow, {"delivered"})
        (text,) = server.said("text")
        server.order(mo={"from": text["to"], "text": "退订", "coding": 8})
        assert await asyncio.to_thread(server.wait, "mo")
        assert server.said("mo")[0]["status"] == 0
        async with flow.record.read() as conn:
            assert await conn.scalar(select(func.count()).select_from(optouts)) == 1
