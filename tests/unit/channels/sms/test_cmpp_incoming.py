"""Replies of several pieces as time goes by, without a network."""

from typing import Any

import pytest

from channels.sms.codes import load_codes
from channels.sms.gateways.cmpp import incoming as incoming_module
from channels.sms.gateways.cmpp.incoming import Incoming
from channels.sms.gateways.cmpp.joining import WAIT_S
from channels.sms.gateways.cmpp.pdus import BUSY, OK, UCS2, Deliver, DeliverResp
from tests.servers.ismg_sp import Ear, until


class Wire:
    """Keeps the Results with which DELIVERs are answered, by Msg_Id."""

    def __init__(self) -> None:
        self.results: list[tuple[int, int]] = []

    def answer(self, _sequence: int, answer: DeliverResp) -> None:
        self.results.append((answer.msg_id, answer.result))


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def first_of_two(msg_id: int, words: str = "前半") -> Deliver:
    content = bytes((5, 0, 3, 9, 2, 1)) + words.encode("utf-16-be")
    return Deliver(msg_id, "10690001", "13800138000", content, msg_fmt=UCS2, udhi=1)


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming_module, "AGAIN_S", 0.01)


@pytest.mark.usefixtures("_soon")
async def test_half_a_reply_is_refused_for_minutes_and_then_heard_as_it_is() -> None:
    ear, wire, time = Ear(), Wire(), Time()
    line: Any = wire
    incoming = Incoming("cmpp", ear, load_codes(), 3.0, time)
    try:
        incoming.delivered(line, 1, first_of_two(1))
        time.now = 4.0
        await until(lambda: wire.results == [(1, BUSY)])
        time.now = WAIT_S - 1
        incoming.delivered(line, 2, first_of_two(2))
        time.now = WAIT_S + 1
        ear.away = True
        await until(lambda: ear.asked)
        ear.away = False
        await until(lambda: ear.said)
        assert [(reply.number, reply.text) for reply in ear.said] == [("+8613800138000", "前半")]
        await until(lambda: wire.results[-1] == (2, OK))
        incoming.delivered(line, 3, first_of_two(3))
        await until(lambda: wire.results[-1] == (3, OK))
        assert len(ear.said) == 1
    finally:
        await incoming.close()


@pytest.mark.usefixtures("_soon")
async def test_closing_leaves_unanswered_what_is_not_durable() -> None:
    ear, wire = Ear(away=True), Wire()
    line: Any = wire
    incoming = Incoming("cmpp", ear, load_codes(), 3.0, Time())
    incoming.delivered(line, 1, first_of_two(1))
    await until(lambda: incoming.joining.waiting)
    await incoming.close()
    assert wire.results == []
