"""How a message is carried through its step: done, waiting, or put aside with its reason; never dropped."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from config.database.schema import dead_letters
from streams import carry as carry_module
from streams.carry import Parcel, carry
from streams.events.signing import REPLAY_HEADER
from streams.log import LogUnavailable, Position
from streams.wrong import Wrong
from tests.support.flow import Flow, open_flow

PARCEL = Parcel(Position("policy.events", 2, 7), b"key", b"value", {"h": "v"})


@pytest.fixture
async def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Flow]:
    monkeypatch.setattr(carry_module, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(carry_module, "LONGEST_WAIT_S", 0.002)
    async with open_flow(f"sqlite:///{tmp_path / 'record.db'}") as opened:
        yield opened


class Step:
    """A step that raises what it was given, one after the other, and then works."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.tries = 0

    async def __call__(self, parcel: Parcel) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)


async def letters(flow: Flow) -> list[dict[str, Any]]:
    async with flow.record.read() as conn:
        return [dict(row) for row in (await conn.execute(select(dead_letters))).mappings()]


def outage() -> OperationalError:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorname = "SQLITE_BUSY"
    return OperationalError("SELECT 1", {}, locked)


@pytest.mark.parametrize(
    "failure",
    [
        LogUnavailable("away"),
        ConnectionRefusedError(),
        TimeoutError(),
        outage(),
        ExceptionGroup("both", [LogUnavailable("away"), outage()]),
        ExceptionGroup("one is wrong, but the other may hide more", [Wrong("x"), LogUnavailable("away")]),
        ExceptionGroup("deep", [ExceptionGroup("er", [TimeoutError()])]),
    ],
)
async def test_an_outage_is_waited_for_and_nothing_is_put_aside(flow: Flow, failure: Exception) -> None:
    step = Step(failure, failure, failure)
    await carry(flow.desk, "test", step, PARCEL)
    assert step.tries == 4
    assert await letters(flow) == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Wrong("unsigned"), "unsigned"),
        (KeyError("campaign_id"), "KeyError: 'campaign_id'"),
        (ExceptionGroup("g", [Wrong("one"), Wrong("two")]), "one; two"),
        (ExceptionGroup("g", [ExceptionGroup("h", [Wrong("deep")])]), "deep"),
        (Wrong("quotes a\0b and \ud800"), "quotes ab and ?"),
    ],
)
async def test_what_is_wrong_for_good_is_put_aside_whole_at_once(
    flow: Flow, failure: Exception, reason: str
) -> None:
    step = Step(failure)
    await carry(flow.desk, "test", step, PARCEL)
    assert step.tries == 1
    (letter,) = await letters(flow)
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("policy.events", 2, 7)
    assert (letter["key"], letter["value"], letter["headers"]) == (b"key", b"value", {"h": "v"})
    assert (letter["reason"], letter["at"]) == (reason, flow.clock.now())


async def test_while_the_record_is_down_nothing_is_put_aside_and_the_work_is_tried_again(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = carry_module.put_aside, 0

    async def down_at_first(*given: Any) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise outage()
        await real(*given)

    monkeypatch.setattr(carry_module, "put_aside", down_at_first)
    step = Step(*[Wrong("bad")] * 3)
    await carry(flow.desk, "test", step, PARCEL)
    assert (step.tries, tries) == (3, 3)
    assert [letter["reason"] for letter in await letters(flow)] == ["bad"]


async def test_what_only_seemed_wrong_while_the_record_was_down_is_done_after_all(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*given: Any) -> None:
        raise outage()

    monkeypatch.setattr(carry_module, "put_aside", down)
    step = Step(Wrong("bad"))
    await carry(flow.desk, "test", step, PARCEL)
    assert step.tries == 2
    assert await letters(flow) == []


async def test_cancellation_passes_at_once_and_puts_nothing_aside(flow: Flow) -> None:
    with pytest.raises(asyncio.CancelledError):
        await carry(flow.desk, "test", Step(asyncio.CancelledError()), PARCEL)
    assert await letters(flow) == []


async def test_cancellation_passes_while_waiting_too(flow: Flow) -> None:
    waiting = asyncio.create_task(carry(flow.desk, "test", Step(*[LogUnavailable("away")] * 10_000), PARCEL))
    await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize(
    "mark", ["nonsense", "policy.events/2/9", "a/b/c/d", "policy.events/2/9/" + "0" * 64, ""]
)
async def test_a_forged_replay_mark_neither_stops_the_flow_nor_takes_another_place(
    flow: Flow, mark: str
) -> None:
    await carry(flow.desk, "test", Step(Wrong("unsigned")), replace(PARCEL, headers={REPLAY_HEADER: mark}))
    (letter,) = await letters(flow)
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("policy.events", 2, 7)


async def test_a_true_replay_mark_files_the_failure_under_the_message_it_replays(flow: Flow) -> None:
    first = Position("policy.events", 0, 3)
    mark = flow.desk.log.replay_mark(first, PARCEL.value).decode()
    await carry(flow.desk, "test", Step(Wrong("still")), replace(PARCEL, headers={REPLAY_HEADER: mark}))
    await carry(
        flow.desk,
        "test",
        Step(Wrong("stolen")),
        replace(PARCEL, value=b"other", headers={REPLAY_HEADER: mark}),
    )
    filed = {(letter["partition"], letter["offset"]): letter["reason"] for letter in await letters(flow)}
    assert filed == {(0, 3): "still", (2, 7): "stolen"}
