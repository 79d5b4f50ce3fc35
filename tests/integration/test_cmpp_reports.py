"""Reports and replies from an ISMG: early, doubled, in pieces, in floods; what is not durable is not acknowledged."""

from collections.abc import AsyncIterator

import pytest

from channels.message import Receipt
from channels.sms.gateways.cmpp.codec import DELIVER, encode
from channels.sms.gateways.cmpp.pdus import BUSY, UCS2, V30, Deliver, Other
from tests.servers.ismg import SOURCE, Ismg, running_ismg
from tests.servers.ismg_sp import LONG, SHORT, service_provider, terminal, text, until


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


def various(count: int) -> list[object]:
    return [text(number, f"{SHORT}{number}") for number in range(count)]


async def test_a_report_before_the_answer_is_heard(ismg: Ismg) -> None:
    ismg.faults.report_first = True
    async with service_provider(ismg.url()) as (gateway, ear):
        (outcome,) = await gateway.submit([text(1)])
        await until(lambda: ear.told)
    assert isinstance(outcome, Receipt)
    assert ear.told[0].message_id == outcome.reference


async def test_reports_are_heard_as_often_and_in_any_order_as_they_come(ismg: Ismg) -> None:
    ismg.faults.hold_reports, ismg.faults.copies = True, 2
    async with service_provider(ismg.url()) as (gateway, ear):
        outcomes = await gateway.submit(various(10))
        await ismg.bring(lambda held: held[::-1])
        await until(lambda: len(ear.told) == 20)
        await until(lambda: len(ismg.answers) == 20)
    expected = [one.reference for one in outcomes if isinstance(one, Receipt) for _ in range(2)]
    assert [report.message_id for report in ear.told] == expected[::-1]


async def test_a_report_about_an_unknown_message_is_handed_over_all_the_same(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, ear):
        await gateway.open()
        await until(lambda: ismg.lines)
        await ismg.report(77, terminal(7))
        await until(lambda: ear.told)
    assert (ear.told[0].message_id, ear.told[0].number) == ("77", "+8613800000007")


async def test_what_is_not_durable_is_not_acknowledged_and_comes_again(
    ismg: Ismg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.sms.gateways.cmpp.incoming.AGAIN_S", 0.02)
    ismg.faults.again_s = 0.02
    async with service_provider(ismg.url()) as (gateway, ear):
        ear.away = True
        await gateway.submit([text(1)])
        await ismg.reply(terminal(2), b"TD", msg_fmt=0)
        await until(lambda: len(ismg.answers) >= 4)
        assert {answer.result for answer in ismg.answers} == {BUSY}
        ear.away = False
        await until(lambda: ear.told and ear.said)
        await until(lambda: [answer.result for answer in ismg.answers].count(0) == 2)
    assert len(ear.told) == len(ear.said) == 1


async def test_a_report_that_makes_no_sense_is_refused_and_the_next_is_heard(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, ear):
        await gateway.submit([text(1)])
        await ismg.send(Deliver(5, SOURCE, terminal(1), b"short", registered_delivery=1))
        broken = encode(Deliver(6, SOURCE, terminal(1), b"", registered_delivery=1), 9, V30)[:40]
        await ismg.send(Other(DELIVER, broken[12:]))
        await ismg.report(7, terminal(1))
        await until(lambda: len(ear.told) == 2 and len(ismg.answers) == 4)
    assert {(one.msg_id, one.result) for one in ismg.answers[1:]} >= {(5, 1), (6, 1)}
    assert len(ismg.connects) == 1


def pieces(words: str, reference: int = 7) -> list[bytes]:
    raw = words.encode("utf-16-be")
    cut = [raw[at : at + 134] for at in range(0, len(raw), 134)]
    return [bytes((5, 0, 3, reference, len(cut), place)) + one for place, one in enumerate(cut, 1)]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [0, 0, 2, 1, 1]])
async def test_a_long_reply_is_heard_once_and_whole_in_whatever_order_it_comes(
    ismg: Ismg, order: list[int]
) -> None:
    async with service_provider(ismg.url()) as (gateway, ear):
        await gateway.open()
        await until(lambda: ismg.lines)
        for place in order:
            await ismg.reply(terminal(1), pieces(LONG)[place], msg_fmt=UCS2, udhi=1)
        await until(lambda: len(ismg.answers) == len(order))
    assert [reply.text for reply in ear.said] == [LONG]
    assert {answer.result for answer in ismg.answers} == {0}


async def test_a_gateway_that_waits_for_each_answer_gets_its_long_reply_through(ismg: Ismg) -> None:
    ismg.faults.again_s = 0.05
    async with service_provider(ismg.url(), hold_s=0.02) as (gateway, ear):
        await gateway.open()
        await until(lambda: ismg.lines)
        for place, piece in enumerate(pieces(LONG), 1):
            await ismg.reply(terminal(1), piece, msg_fmt=UCS2, udhi=1)
            if place < 3:
                await until(lambda expected=place: ismg.answers[expected - 1 :])  # type: ignore[misc]
                assert ismg.answers[-1].result == BUSY
        await until(lambda: [answer.result for answer in ismg.answers].count(0) == 3)
    assert [reply.text for reply in ear.said] == [LONG]


async def test_a_flood_of_deliveries_is_left_in_the_network_while_the_record_is_slow(
    ismg: Ismg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.sms.gateways.cmpp.incoming.MOST", 20)
    monkeypatch.setattr("channels.sms.gateways.cmpp.incoming.AT_ONCE", 10)
    async with service_provider(ismg.url()) as (gateway, ear):
        await gateway.open()
        await until(lambda: ismg.lines)
        for number in range(200):
            await ismg.report(number, terminal(number))
        await until(lambda: len(ear.told) == 200)
    assert [report.message_id for report in ear.told] == [str(number) for number in range(200)]
