"""An SMSC that does everything wrong: nothing is lost, nothing goes twice unasked, nothing waits for ever."""

import asyncio

import pytest

from channels.errors import ContentError, TemporaryError, UnknownOutcomeError, UnreachableError
from channels.message import Receipt
from channels.sms.gateways.gateway import Text
from channels.sms.gateways.smpp import intake as intake_module
from channels.sms.gateways.smpp import line as line_module
from tests.servers.scripted_smsc import (
    RESPONSE,
    SUBMIT_SM,
    Connection,
    pdu,
    take,
)
from tests.servers.smpp_world import ANNA, texts, world

LONG = "政" * 150  # three parts


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(intake_module, "AFTER_FAILURE_S", 0.05)


async def test_a_connection_that_ends_before_the_answer_leaves_the_outcome_open():
    async with world() as (smsc, gateway, _):

        async def hang_up(connection: Connection, sequence: int, count: int) -> None:
            connection.hang_up()

        smsc.submitted = hang_up
        (outcome,) = await gateway.submit(texts(1))
        assert isinstance(outcome, UnknownOutcomeError)
        assert smsc.messages == 1


async def test_an_smsc_that_closes_in_the_middle_of_an_answer_costs_no_more_than_a_window():
    async with world("&window=4") as (smsc, gateway, _):

        async def torn(connection: Connection, sequence: int, count: int) -> None:
            if count < 6:
                await take(connection, sequence, count)
            elif count == 6:
                await connection.write(pdu(SUBMIT_SM | RESPONSE, sequence, b"6\0")[:13])
                connection.hang_up()
            else:
                await take(connection, sequence, count)

        smsc.submitted = torn
        outcomes = await gateway.submit(texts(50))
        unknown = [one for one in outcomes if isinstance(one, UnknownOutcomeError)]
        unsent = [one for one in outcomes if isinstance(one, UnreachableError)]
        assert 1 <= len(unknown) <= 4
        assert sum(isinstance(one, Receipt) for one in outcomes) == 5
        assert len(unsent) + len(unknown) == 45
        # What went and has no answer did not go a second time.
        assert smsc.messages <= 50 - len(unsent)


async def test_a_text_of_which_a_part_was_never_written_may_go_again():
    async with world("&window=1") as (smsc, gateway, _):

        async def take_one(connection: Connection, sequence: int, count: int) -> None:
            if count == 1:
                await take(connection, sequence, count)
            else:
                connection.hang_up()

        smsc.submitted = take_one
        (outcome,) = await gateway.submit([Text("d-1", ANNA, LONG)])
        assert isinstance(outcome, TemporaryError)
        assert smsc.messages == 2


async def test_a_text_whose_last_answer_is_lost_is_not_sent_again():
    async with world("&window=3") as (smsc, gateway, _):

        async def lose_the_third(connection: Connection, sequence: int, count: int) -> None:
            if count < 3:
                await take(connection, sequence, count)
            else:
                connection.hang_up()

        smsc.submitted = lose_the_third
        (outcome,) = await gateway.submit([Text("d-1", ANNA, LONG)])
        assert isinstance(outcome, UnknownOutcomeError)


async def test_answers_of_one_byte_a_time_are_put_together():
    async with world("&window=2") as (smsc, gateway, _):

        async def drip(connection: Connection, sequence: int, count: int) -> None:
            data = pdu(SUBMIT_SM | RESPONSE, sequence, f"{count}\0".encode())
            for at in range(len(data)):
                await connection.write(data[at : at + 1])
                await asyncio.sleep(0.005)

        smsc.submitted = drip
        outcomes = await gateway.submit(texts(3))
        assert [one.ids for one in outcomes if isinstance(one, Receipt)] == [("1",), ("2",), ("3",)]


async def test_an_smsc_of_one_byte_a_second_is_given_up():
    async with world("&answer=1&enquire=1&window=2") as (smsc, gateway, _):

        async def trickle(connection: Connection, sequence: int, count: int) -> None:
            for byte in pdu(SUBMIT_SM | RESPONSE, sequence, b"1\0"):
                await connection.write(bytes((byte,)))
                await asyncio.sleep(1.0)

        smsc.submitted = trickle
        async with asyncio.timeout(60):
            outcomes = await gateway.submit(texts(20))
        assert sum(isinstance(one, UnknownOutcomeError) for one in outcomes) <= 4
        assert any(isinstance(one, TemporaryError) for one in outcomes)


async def test_an_smsc_that_gives_no_sign_of_life_is_left_and_bound_to_again():
    async with world("&answer=1&enquire=1") as (smsc, gateway, _):
        smsc.answers_enquiries = False
        await smsc.bound(2)
        assert smsc.enquiries == 1
        assert isinstance((await gateway.submit(texts(1)))[0], Receipt)


async def test_answers_out_of_order_belong_to_their_messages():
    async with world("&window=5") as (smsc, gateway, _):
        waiting: list[tuple[int, int]] = []

        async def backwards(connection: Connection, sequence: int, count: int) -> None:
            waiting.append((sequence, count))
            if len(waiting) == 5:
                for held in reversed(waiting):
                    await take(connection, *held)

        smsc.submitted = backwards
        outcomes = await gateway.submit(texts(5))
        assert [one.ids for one in outcomes if isinstance(one, Receipt)] == [
            (f"{one}",) for one in range(1, 6)
        ]


async def test_answers_to_nothing_and_unknown_commands_disturb_nobody():
    async with world() as (smsc, gateway, _):

        async def noisy(connection: Connection, sequence: int, count: int) -> None:
            await connection.write(
                pdu(SUBMIT_SM | RESPONSE, 4711, b"x\0") + pdu(0x103, 9, b"?") + pdu(0x102, 10)
            )
            await take(connection, sequence, count)
            await connection.write(pdu(SUBMIT_SM | RESPONSE, sequence, b"again\0"))

        smsc.submitted = noisy
        outcomes = await gateway.submit(texts(3))
        assert [one.ids for one in outcomes if isinstance(one, Receipt)] == [("1",), ("2",), ("3",)]


async def test_whoever_does_not_speak_smpp_is_left():
    async with world() as (smsc, gateway, _):
        connection = await smsc.bound()
        await connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await smsc.bound(2)
        assert isinstance((await gateway.submit(texts(1)))[0], Receipt)


async def test_an_smsc_that_takes_leave_is_bound_to_again():
    async with world() as (smsc, gateway, _):
        connection = await smsc.bound()
        await connection.write(pdu(0x06, 1))
        await smsc.bound(2)
        assert isinstance((await gateway.submit(texts(1)))[0], Receipt)


async def test_half_a_character_refuses_the_text_and_nothing_is_written():
    async with world() as (smsc, gateway, _):
        wrong, right = await gateway.submit([Text("d-1", ANNA, "\ud83d"), *texts(1)])
        assert isinstance(wrong, ContentError)
        assert isinstance(right, Receipt)
        assert smsc.messages == 1


async def test_what_is_under_way_at_the_end_is_waited_for():
    async with world() as (smsc, gateway, _):

        async def slow(connection: Connection, sequence: int, count: int) -> None:
            await asyncio.sleep(0.3)
            await take(connection, sequence, count)

        smsc.submitted = slow
        sending = asyncio.create_task(gateway.submit(texts(1)))
        await smsc.bound()
        async with asyncio.timeout(60):
            while not smsc.messages:
                await asyncio.sleep(0.01)
        await gateway.close()
        assert isinstance((await sending)[0], Receipt)
