"""Reports from an SMSC: torn, doubled, unreadable, too many; none is acknowledged that is not kept."""

import pytest

from channels.sms.gateways.smpp import intake as intake_module
from channels.sms.gateways.smpp import line as line_module
from tests.servers.scripted_smsc import (
    pdu,
    report,
)
from tests.servers.smpp_world import ANNA, world


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(intake_module, "AFTER_FAILURE_S", 0.05)


async def test_a_torn_report_is_not_acknowledged_and_comes_again():
    async with world() as (smsc, _, heard):
        connection = await smsc.bound()
        await connection.write(pdu(0x05, 1, report("1"))[:40])
        connection.hang_up()
        connection = await smsc.bound(2)
        await connection.deliver(1, report("1"))
        assert await connection.answered(1) == 0
        assert [one.message_id for one in heard.all_reports] == ["1"]


async def test_reports_twice_in_any_order_and_about_strangers_are_all_handed_over():
    async with world("&ids=same") as (smsc, _, heard):
        connection = await smsc.bound()
        told = [("7", "DELIVRD"), ("7", "ACCEPTD"), ("7", "DELIVRD"), ("ffff", "UNDELIV")]
        for sequence, (message_id, stat) in enumerate(told, 1):
            await connection.deliver(sequence, report(message_id, stat=stat))
        assert [await connection.answered(sequence) for sequence in (1, 2, 3, 4)] == [0, 0, 0, 0]
        assert [(one.message_id, one.status) for one in heard.all_reports] == [
            ("7", "delivered"),
            ("7", "accepted"),
            ("7", "delivered"),
            ("ffff", "failed"),
        ]


async def test_an_id_that_can_mean_but_one_message_is_told_without_its_number():
    async with world() as (smsc, _, heard):
        connection = await smsc.bound()
        await connection.deliver(1, report("5e9c1d80-77"))
        await connection.deliver(2, report("1f"))
        await heard.heard(reports=3)
        assert [(one.message_id, one.number) for one in heard.all_reports] == [
            ("5e9c1d80-77", None),
            ("1f", ANNA),
            ("31", ANNA),
        ]


async def test_what_cannot_be_read_is_refused_and_what_follows_is_not():
    async with world() as (smsc, _, heard):
        connection = await smsc.bound()
        await connection.write(pdu(0x05, 1, b"\0") + pdu(0x05, 2, report("1")))
        assert await connection.answered(1) == 0x66
        assert await connection.answered(2) == 0
        await heard.heard(reports=1)


async def test_while_the_record_is_away_every_report_is_turned_away_and_none_is_lost():
    async with world("&ids=same") as (smsc, _, heard):
        heard.away = True
        connection = await smsc.bound()
        waiting = list(range(1, 21))
        for sequence in waiting:
            await connection.deliver(sequence, report(str(sequence)))
        assert {await connection.answered(sequence) for sequence in waiting} == {0x64}
        assert heard.all_reports == []
        heard.away = False
        for sequence in waiting:
            await connection.deliver(sequence, report(str(sequence)))
        assert {await connection.answered(sequence) for sequence in waiting} == {0}
        assert len({one.message_id for one in heard.all_reports}) == 20


async def test_a_mistake_of_ours_acknowledges_nothing(monkeypatch: pytest.MonkeyPatch):
    async with world() as (smsc, _, heard):
        connection = await smsc.bound()
        with monkeypatch.context() as patch:
            patch.setattr(intake_module.delivered, "read", lambda *args: 1 / 0)
            await connection.deliver(1, report("1"))
            assert await connection.answered(1) == 0x64
        await connection.deliver(2, report("1"))
        assert await connection.answered(2) == 0
        assert len(heard.all_reports) == 1


async def test_more_reports_than_can_wait_come_again_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake_module, "MOST_WAITING", 3)
    async with world("&ids=same") as (smsc, _, heard):
        connection = await smsc.bound()
        await connection.write(b"".join(pdu(0x05, one, report(str(one))) for one in range(1, 11)))
        answers = [await connection.answered(one) for one in range(1, 11)]
        assert answers == [0, 0, 0, *[0x14] * 7]
        assert len(heard.all_reports) == 3
