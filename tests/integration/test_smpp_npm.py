"""Text messages over npm's `smpp`, which was not written here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from channels.errors import (
    AccountError,
    PermanentError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.gateways.smpp import gateway as gateway_module
from channels.sms.gateways.smpp import line as line_module
from channels.sms.links import SmsLinks
from tests.servers.npm_smsc import NpmSmsc
from tests.servers.recording_heard import RecordingHeard

SHORT = "【某市政务】您申报的高新技术企业认定补贴已受理，退订回T"
LONG = "【某市政务】" + "政策推送长短信测试😀，" * 20 + "退订回T"
ANNA = "+8613800138000"
Start = Callable[..., NpmSmsc]


@asynccontextmanager
async def opened(url: str, heard: RecordingHeard | None = None) -> AsyncIterator[SmppGateway]:
    building = GatewayBuilding(
        "smpp", "某市政务", SmsLinks("", b"key"), heard or RecordingHeard(), load_codes()
    )
    gateway = SmppGateway(place_of(url), building, random=lambda: 0.0)
    await gateway.open()
    try:
        yield gateway
    finally:
        await gateway.close()


def texts(count: int = 1, text: str = SHORT) -> list[Text]:
    return [Text(f"d-{one}", f"+86138{one * 10 + 5:08d}", text) for one in range(count)]


async def said(smsc: NpmSmsc, event: str, times: int = 1) -> list[dict]:
    assert await asyncio.to_thread(smsc.wait, event, times), smsc.events[-5:]
    return smsc.said(event)


@pytest.mark.parametrize("how", ["udh", "sar", "payload"])
async def test_a_long_chinese_text_arrives_whole(smsc: Start, how: str):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url(f"&long={how}"), heard) as gateway:
        (receipt,) = await gateway.submit([Text("d-1", ANNA, LONG)])
        assert isinstance(receipt, Receipt)
        (arrived,) = await said(server, "text")
        assert (arrived["text"], arrived["how"], arrived["coding"]) == (LONG, how, 8)
        assert (arrived["from"], arrived["to"]) == ("10690001", "8613800138000")
        assert len(receipt.ids) == arrived["parts"] == (1 if how == "payload" else 4)
        await heard.heard(reports=arrived["parts"])
        assert {one.message_id for one in heard.all_reports} == set(receipt.ids)
        assert {one.status for one in heard.all_reports} == {"delivered"}


async def test_reports_say_what_became_of_each(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url(), heard) as gateway:
        numbers = [f"+861380013800{digit}" for digit in "0123"]
        receipts = await gateway.submit([Text(f"d{one}", one, SHORT) for one in numbers])
        await heard.heard(reports=4)
        found = {one.message_id: (one.status, one.failure) for one in heard.all_reports}
        assert [found[one.ids[0]] for one in receipts if isinstance(one, Receipt)] == [
            ("delivered", None),
            ("failed", "ambiguous"),
            ("failed", "off"),
            ("failed", "content"),
        ]
        assert all("138" not in one.detail for one in heard.all_reports)


async def test_a_report_before_the_answer_is_handed_over_under_the_same_id(smsc: Start):
    server, heard = smsc(answerMs=100, reportMs=-1), RecordingHeard()
    async with opened(server.url(), heard) as gateway:
        (receipt,) = await gateway.submit(texts())
        assert isinstance(receipt, Receipt)
        (told,) = await said(server, "reported")
        assert told["answered"] is False
        assert [one.message_id for one in heard.all_reports] == list(receipt.ids)


async def test_a_report_long_before_the_answer_is_told_in_every_way_it_may_be_meant(smsc: Start):
    server, heard = smsc(answerMs=1500, reportMs=-1, reportAs="dec", tlv=False), RecordingHeard()
    async with opened(server.url("&window=20"), heard) as gateway:
        outcomes = await gateway.submit(texts(20))
        (last,) = outcomes[-1].ids
        assert last == "14"
        told = [one for one in heard.all_reports if one.number == "+8613800000195"]
        assert last in [one.message_id for one in told]


async def test_ids_that_come_back_in_decimal_are_understood(smsc: Start):
    server, heard = smsc(answerAs="hex8", reportAs="dec", tlv=False), RecordingHeard()
    async with opened(server.url(), heard) as gateway:
        receipts = await gateway.submit(texts(40))
        await heard.heard(reports=40)
        ids = [one.ids[0] for one in receipts if isinstance(one, Receipt)]
        assert sorted(ids) == sorted(one.message_id for one in heard.all_reports)


async def test_reports_are_acknowledged_only_when_they_are_durable(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    heard.away = True
    async with opened(server.url(), heard) as gateway:
        await gateway.submit(texts())
        first = (await said(server, "reported"))[0]
        assert first["status"] == 0x64
        heard.away = False
        await heard.heard(reports=1)
        assert (await said(server, "reported", 2))[-1]["status"] == 0


async def test_throttling_is_waited_for_and_everything_arrives_once(smsc: Start):
    server, heard = smsc(tps=20), RecordingHeard()
    async with opened(server.url("&window=4"), heard) as gateway:
        outcomes = await gateway.submit(texts(40))
        assert all(isinstance(one, Receipt) for one in outcomes)
        assert server.count("refused") > 0
        arrived = [one["to"] for one in await said(server, "text", 40)]
        assert len(set(arrived)) == len(arrived) == 40


async def test_a_gateway_that_stays_busy_gets_the_rest_back(smsc: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway_module, "QUIET_S", 0.05)
    server = smsc(full=10_000)
    async with opened(server.url("&window=2")) as gateway:
        outcomes = await gateway.submit(texts(50))
        assert all(isinstance(one, ThrottledError) for one in outcomes)
        assert server.count("refused") < 20


async def test_a_number_that_is_none_is_refused_alone(smsc: Start):
    server = smsc()
    async with opened(server.url()) as gateway:
        wrong = Text("d-9", "+999990001111", SHORT)
        first, second, third = await gateway.submit([*texts(1), wrong, Text("d-3", ANNA, SHORT)])
        assert isinstance(second, PermanentError)
        assert not second.dead
        assert "99999" not in second.reason
        assert isinstance(first, Receipt)
        assert isinstance(third, Receipt)


async def test_a_wrong_password_pauses_the_gateway_and_is_not_tried_at_once_again(smsc: Start):
    server = smsc()
    async with opened(server.url(password="wrong")) as gateway:
        for _ in range(2):
            (outcome,) = await gateway.submit(texts())
            assert isinstance(outcome, AccountError)
            assert outcome.retry_after_s == 600.0
            assert "0x0e" in outcome.reason
        assert server.count("bind") == 1


async def test_an_account_that_is_still_bound_elsewhere_is_tried_again_soon(
    smsc: Start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    server = smsc(bindStatus=0x05)
    async with opened(server.url()) as gateway:
        assert isinstance((await gateway.submit(texts()))[0], UnreachableError)
        server.order(set={"bindStatus": 0})
        await said(server, "bind", 2)
        async with asyncio.timeout(60):
            while not isinstance((await gateway.submit(texts()))[0], Receipt):
                await asyncio.sleep(0.05)


async def test_a_killed_smsc_is_bound_to_again(smsc: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url("&binds=2"), heard) as gateway:
        assert isinstance((await gateway.submit(texts()))[0], Receipt)
        await said(server, "bind", 2)
        await asyncio.to_thread(server.kill)
        outcomes = await gateway.submit(texts())
        # Whether the line is known to be dead when the text goes into it, is chance; that nobody took it is not.
        assert isinstance(outcomes[0], UnreachableError | UnknownOutcomeError)
        await asyncio.to_thread(server.start)
        await said(server, "bind", 4)
        assert isinstance((await gateway.submit(texts()))[0], Receipt)


async def test_nothing_waits_for_an_smsc_that_is_not_there(smsc: Start):
    server = smsc()
    server.close()
    async with asyncio.timeout(20), opened(server.url()) as gateway:
        assert isinstance((await gateway.submit(texts()))[0], UnreachableError)


async def test_an_answer_that_never_comes_leaves_the_outcome_open(smsc: Start):
    server = smsc(answerMs=-1, reportMs=60_000)
    async with opened(server.url("&answer=1&window=8")) as gateway:
        (outcome,) = await gateway.submit(texts())
        assert isinstance(outcome, UnknownOutcomeError)


async def test_a_slow_smsc_is_waited_for(smsc: Start):
    server = smsc(answerMs=400)
    async with opened(server.url("&window=2")) as gateway:
        assert all(isinstance(one, Receipt) for one in await gateway.submit(texts(4)))


async def test_replies_are_heard_in_every_alphabet(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url(), heard):
        await said(server, "bind")
        for coding, text in ((8, "退订"), (0, "TD"), (3, "café"), (1, "T")):
            server.order(mo={"from": "8613800138000", "text": text, "coding": coding})
        await heard.heard(replies=4)
        assert {(one.number, one.text) for one in heard.all_replies} == {
            (ANNA, text) for text in ("退订", "TD", "café", "T")
        }
        assert len({one.message_id for one in heard.all_replies}) == 4


async def test_a_long_reply_is_put_together(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url(), heard):
        await said(server, "bind")
        for header, text in (("0500032a0202", "能申请吗？"), ("0500032a0201", "请问我们公司")):
            server.order(mo={"from": "8613800138000", "text": text, "coding": 8, "udh": header})
        await heard.heard(replies=1)
        assert [one.text for one in heard.all_replies] == ["请问我们公司能申请吗？"]


async def test_half_a_reply_is_handed_over_at_the_end(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url(), heard):
        await said(server, "bind")
        server.order(mo={"from": "8613800138000", "text": "请问我们公司", "coding": 8, "udh": "0500032a0201"})
        await said(server, "mo")
    assert [one.text for one in heard.all_replies] == ["请问我们公司"]


async def test_transmitters_and_a_receiver_do_as_well(smsc: Start):
    server, heard = smsc(), RecordingHeard()
    async with opened(server.url("&type=split&binds=2"), heard) as gateway:
        binds = await said(server, "bind", 3)
        assert sorted(one["command"] for one in binds) == [
            "bind_receiver",
            "bind_transmitter",
            "bind_transmitter",
        ]
        outcomes = await gateway.submit(texts(4))
        assert all(isinstance(one, Receipt) for one in outcomes)
        await heard.heard(reports=4)


async def test_a_quiet_line_is_asked_for_a_sign_of_life(smsc: Start):
    server = smsc()
    async with opened(server.url("&enquire=1")) as gateway:
        await said(server, "enquire", 2)
        assert server.count("bind") == 1
        assert isinstance((await gateway.submit(texts()))[0], Receipt)


async def test_leave_is_taken(smsc: Start):
    server = smsc()
    async with opened(server.url()) as gateway:
        await gateway.submit(texts())
    assert len(await said(server, "unbind")) == server.count("bind") == 1


async def test_a_closed_gateway_can_be_used_again(smsc: Start):
    server = smsc()
    async with opened(server.url()) as gateway:
        await gateway.submit(texts())
        await gateway.close()
        assert isinstance((await gateway.submit(texts()))[0], Receipt)
