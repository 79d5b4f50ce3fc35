"""Text messages over smpp34's server, which shares only the codec of one message with the gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import smpp34

from channels.errors import ThrottledError
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.gateways.smpp import gateway as gateway_module
from channels.sms.links import SmsLinks
from tests.servers.recording_heard import RecordingHeard
from tests.servers.rust_smsc import RustSmsc, rust_smsc

LONG = "【某市政务】" + "政策推送长短信测试，" * 60
ANNA = "+8613800138000"


@asynccontextmanager
async def world(options: str = "") -> AsyncIterator[tuple[RustSmsc, SmppGateway, RecordingHeard]]:
    heard = RecordingHeard()
    building = GatewayBuilding("smpp", "某市政务", SmsLinks("", b"key"), heard, load_codes())
    async with rust_smsc() as server:
        gateway = SmppGateway(place_of(server.url(options)), building, random=lambda: 0.0)
        await gateway.open()
        try:
            yield server, gateway, heard
        finally:
            await gateway.close()


def texts(count: int) -> list[Text]:
    return [Text(f"d-{one}", f"+86138{one:08d}", "【某市政务】您的申请已受理") for one in range(count)]


@pytest.mark.parametrize("how", ["udh", "sar", "payload"])
async def test_a_long_chinese_text_arrives_whole_and_is_reported_part_by_part(how: str):
    async with world(f"&long={how}") as (server, gateway, heard):
        (receipt,) = await gateway.submit([Text("d-1", ANNA, LONG)])
        assert isinstance(receipt, Receipt)
        assert server.texts == [("8613800138000", LONG)]
        await heard.heard(reports=len(receipt.ids))
        assert {one.message_id for one in heard.all_reports} == set(receipt.ids)


async def test_hundreds_of_messages_arrive_once_each_over_two_binds():
    async with world("&binds=2&window=16") as (server, gateway, heard):
        outcomes = await gateway.submit(texts(400))
        assert all(isinstance(one, Receipt) for one in outcomes)
        await heard.heard(reports=400)
        assert len({number for number, _ in server.texts}) == len(server.texts) == 400
        assert {one.message_id for one in heard.all_reports} == {
            one.ids[0] for one in outcomes if isinstance(one, Receipt)
        }
        assert len(server.esmes) == 2


@pytest.mark.parametrize("status", [smpp34.ESME_RTHROTTLED, smpp34.ESME_RMSGQFUL])
async def test_what_was_too_much_at_once_goes_a_little_later(status: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway_module, "QUIET_S", 0.05)
    async with world("&window=4") as (server, gateway, _):
        server.refusals = [status] * 3
        outcomes = await gateway.submit([*texts(5), Text("d-l", ANNA, LONG)])
        assert all(isinstance(one, Receipt) for one in outcomes)
        assert len(server.texts) == 6


async def test_what_stays_too_much_is_given_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway_module, "QUIET_S", 0.02)
    async with world("&window=2") as (server, gateway, _):
        server.refusals = [smpp34.ESME_RTHROTTLED] * 1000
        outcomes = await gateway.submit(texts(30))
        assert all(isinstance(one, ThrottledError) for one in outcomes)
        assert len(server.refusals) > 980


async def test_a_refused_text_stops_its_campaign():
    async with world() as (server, gateway, _):
        server.refusals = [smpp34.ESME_RINVMSGLEN]
        outcomes = await gateway.submit(texts(2))  # the server may look at the second one first
        assert sorted(type(one).__name__ for one in outcomes) == ["ContentError", "Receipt"]


async def test_a_reply_is_heard_and_then_acknowledged():
    async with world() as (server, gateway, heard):
        await gateway.submit(texts(1))
        assert await server.say("8613800138000", "T退订")
        assert [(one.number, one.text) for one in heard.all_replies] == [(ANNA, "T退订")]


async def test_a_reply_that_cannot_be_kept_is_not_acknowledged():
    async with world() as (server, gateway, heard):
        await gateway.submit(texts(1))
        await heard.heard(reports=1)
        heard.away = True
        assert not await server.say("8613800138000", "退订")
        heard.away = False
        async with asyncio.timeout(60):
            while not await server.say("8613800138000", "退订"):
                await asyncio.sleep(0.05)
        assert [one.text for one in heard.all_replies] == ["退订"]
