"""What goes wrong between us and an ISMG: nothing is lost, nothing goes twice blindly, and it mends by itself."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from channels.channel import Outcome
from channels.errors import (
    ContentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Receipt
from channels.sms.gateways.cmpp.pdus import BUSY, ActiveTest, Other
from tests.servers.ismg import SOURCE, Ismg, running_ismg
from tests.servers.ismg_sp import LONG, SHORT, sent_at_last, service_provider, terminal, text, until
from tests.servers.ports import free_port


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


def kinds(outcomes: object) -> list[type[Outcome]]:
    assert isinstance(outcomes, list)
    return [type(one) for one in outcomes]


def various(count: int) -> list[object]:
    return [text(number, f"{SHORT}{number}") for number in range(count)]


# Too much at once


async def test_a_message_that_was_too_much_is_offered_again_after_a_pause(ismg: Ismg) -> None:
    ismg.faults.results.extend([BUSY, BUSY, 0])
    async with service_provider(ismg.url()) as (gateway, _):
        assert kinds(await gateway.submit([text(1)])) == [Receipt]
    assert len(ismg.submits) == 3


async def test_a_gateway_that_stays_busy_gets_the_batch_back_unharmed(ismg: Ismg) -> None:
    ismg.faults.results.extend([BUSY] * 500)
    async with service_provider(ismg.url(window=4)) as (gateway, _):
        outcomes = await gateway.submit(various(100))
        assert kinds(outcomes) == [ThrottledError] * 100
        assert len(ismg.submits) < 50  # nobody knocks for every message
        ismg.faults.results.clear()
        assert kinds(await gateway.submit(various(20))) == [Receipt] * 20


async def test_a_part_that_was_too_much_does_not_spoil_its_text(ismg: Ismg) -> None:
    ismg.faults.results.extend([0, BUSY, 0])
    async with service_provider(ismg.url(window=1)) as (gateway, ear):
        (outcome,) = await gateway.submit([text(1, LONG)])
        await until(lambda: len(ear.told) == 3)
    assert isinstance(outcome, Receipt)
    assert sorted(outcome.ids) == sorted(report.message_id for report in ear.told)


async def test_a_refused_text_is_the_texts_fault_and_a_refused_part_is_its_whole_texts(ismg: Ismg) -> None:
    ismg.faults.results.extend([0, 6, 0])
    async with service_provider(ismg.url(window=1)) as (gateway, _):
        assert kinds(await gateway.submit([text(1, LONG)])) == [ContentError]


async def test_what_no_table_knows_is_tried_again_later(ismg: Ismg) -> None:
    ismg.faults.results.append(103)
    async with service_provider(ismg.url()) as (gateway, _):
        assert kinds(await gateway.submit([text(1)])) == [TemporaryError]


# Answers and connections that are lost


async def test_no_more_wait_for_an_answer_than_the_window_holds(ismg: Ismg) -> None:
    ismg.faults.silent = True
    async with service_provider(ismg.url(window=4)) as (gateway, _):
        outcomes = await gateway.submit(various(10))
        assert len(ismg.submits) == 4
    assert kinds(outcomes) == [UnknownOutcomeError] * 4 + [UnreachableError] * 6


async def test_a_silent_gateway_is_left_and_used_again_when_it_speaks(ismg: Ismg) -> None:
    ismg.faults.silent = True
    async with service_provider(ismg.url()) as (gateway, _):
        assert kinds(await gateway.submit([text(1)])) == [UnknownOutcomeError]
        ismg.faults.silent = False
        assert isinstance(await sent_at_last(gateway, text(2)), Receipt)
    assert [one.numbers for _, one in ismg.submits] == [(terminal(1),), (terminal(2),)]


async def test_one_lost_answer_leaves_its_neighbours_and_the_connection_alone(ismg: Ismg) -> None:
    ismg.faults.results.extend([0, None, 0])
    async with service_provider(ismg.url()) as (gateway, _):
        outcomes = await gateway.submit(various(3))
        assert kinds(outcomes) == [Receipt, UnknownOutcomeError, Receipt]
        assert len(ismg.connects) == 1


async def test_a_gateway_that_answers_no_test_is_left(ismg: Ismg) -> None:
    ismg.faults.deaf = True
    async with service_provider(ismg.url(), idle_s=0.05, answer_s=0.1) as (gateway, _):
        await gateway.open()
        await until(lambda: len(ismg.connects) >= 2)
    assert ActiveTest in ismg.requests


async def test_a_connection_that_ends_in_the_middle_of_an_answer_leaves_what_went_unknown(ismg: Ismg) -> None:
    ismg.faults.torn = 3
    async with service_provider(ismg.url(window=2)) as (gateway, _):
        outcomes = await gateway.submit(various(20))
    sent = [one.numbers[0] for _, one in ismg.submits]
    assert len(sent) == len(set(sent))  # nothing twice
    assert 1 <= kinds(outcomes).count(UnknownOutcomeError) <= 2  # what was in the window
    assert kinds(outcomes).count(Receipt) == 20 - kinds(outcomes).count(UnknownOutcomeError)
    assert len(ismg.connects) == 2


async def test_a_text_of_which_one_part_was_refused_is_not_unknown(ismg: Ismg) -> None:
    ismg.faults.results.extend([None, 103, 0])
    async with service_provider(ismg.url()) as (gateway, _):
        assert kinds(await gateway.submit([text(1, LONG)])) == [TemporaryError]


async def test_a_gateway_that_speaks_a_byte_at_a_time_holds_nobody_for_ever(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        await gateway.submit([text(0)])
        ismg.faults.bytes_per_s = 20
        async with asyncio.timeout(60):
            outcomes = await gateway.submit(various(3))
        assert kinds(outcomes) == [UnknownOutcomeError] * 3
        ismg.faults.bytes_per_s = None
        assert isinstance(await sent_at_last(gateway, text(9)), Receipt)


async def test_a_slow_answer_that_comes_in_time_is_an_answer(ismg: Ismg) -> None:
    async with service_provider(ismg.url(), answer_s=4.0) as (gateway, ear):
        await gateway.submit([text(0)])
        ismg.faults.bytes_per_s = 200
        assert kinds(await gateway.submit([text(1)])) == [Receipt]
        await until(lambda: len(ear.told) == 2)


async def test_a_gateway_that_is_away_is_reached_when_it_comes() -> None:
    port = free_port()
    async with service_provider(f"cmpp://900001:s3cret@127.0.0.1:{port}?src={SOURCE}") as (gateway, ear):
        assert kinds(await gateway.submit(various(50))) == [UnreachableError] * 50
        async with running_ismg(port) as ismg:
            assert isinstance(await sent_at_last(gateway, text(1)), Receipt)
            assert len(ismg.connects) == 1
            await until(lambda: ear.told)


async def test_a_connection_that_breaks_between_messages_costs_none(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, ear):
        for number in range(5):
            assert kinds(await gateway.submit([text(number)])) == [Receipt]
            await until(lambda expected=number + 1: len(ear.told) == expected)  # type: ignore[misc]
            ismg.hang_up()
            await asyncio.sleep(0.02)
    assert len(ismg.submits) == 5


async def test_a_gateway_that_ends_every_connection_at_once_is_not_knocked_at_without_pause(
    ismg: Ismg,
) -> None:
    at: list[float] = []
    async with service_provider(ismg.url(), first_wait_s=0.05, longest_wait_s=0.4) as (gateway, _):
        await gateway.open()
        while len(at) < 5:
            await until(lambda: ismg.lines)
            at.append(asyncio.get_running_loop().time())
            ismg.hang_up()
            await until(lambda: not ismg.lines)
    waits = [later - earlier for earlier, later in pairwise(at)]
    assert waits[-1] > 2 * waits[0]


async def test_nonsense_ends_the_connection_and_a_new_one_is_made(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        await gateway.submit([text(1)])
        await ismg.send_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await until(lambda: len(ismg.connects) == 2)
        assert kinds(await gateway.submit([text(2)])) == [Receipt]


async def test_a_request_that_nobody_knows_is_passed_over(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        await gateway.submit([text(1)])
        await ismg.send(Other(0x00000017, b"?"))
        assert kinds(await gateway.submit([text(2)])) == [Receipt]
        assert len(ismg.connects) == 1


async def test_who_gives_up_waiting_leaves_the_window_to_others(ismg: Ismg) -> None:
    ismg.faults.silent = True
    async with service_provider(ismg.url(window=2), answer_s=2.0) as (gateway, _):
        sending = asyncio.create_task(gateway.submit(various(10)))
        await until(lambda: len(ismg.submits) == 2)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        ismg.faults.silent = False
        await asyncio.sleep(0.05)
        assert len(ismg.submits) == 2  # what was given up in the queue was never sent


async def test_a_refusal_while_we_close_leaves_nobody_waiting(ismg: Ismg) -> None:
    async with service_provider(ismg.url(), close_s=2.0, answer_s=90.0) as (gateway, _):
        await gateway.submit([text(0)])
        ismg.faults.results.append(BUSY)
        ismg.faults.bytes_per_s = 200
        sending = asyncio.create_task(gateway.submit([text(1)]))
        await until(lambda: len(ismg.submits) == 2)
        await gateway.close()
        async with asyncio.timeout(60):
            assert kinds(await sending) == [ThrottledError]
