"""What endpoints answered is kept for a month of real time and forgotten then, whether or not they are asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from channels.webhook.endpoints import KEPT, Attempt, Endpoint, note
from config.clock import ManualClock
from config.database.schema import webhook_attempts
from streams.receipts import endpoint_answers
from streams.receipts.endpoint_answers import forget_answers
from tests.support.flow import Flow

REAL = datetime(2030, 3, 1, 9, tzinfo=UTC)  # far from the flow's own time


def attempt(name: str, age: timedelta) -> Attempt:
    silent = Endpoint(f"of-{name}", "S-1", 1, None, None)
    return Attempt(silent, name, REAL - age, 200, "ok", 12)


async def kept(flow: Flow, *attempts: Attempt) -> None:
    async with flow.record.write() as conn:
        await note(conn, attempts, [])


async def left(flow: Flow) -> set[str]:
    async with flow.record.read() as conn:
        return set((await conn.execute(select(webhook_attempts.c.webhook_id))).scalars())


async def test_answers_older_than_a_month_go_although_the_endpoint_fell_silent(flow: Flow) -> None:
    just, day = timedelta(seconds=1), timedelta(days=1)
    await kept(flow, attempt("old", KEPT + day), attempt("past", KEPT + just), attempt("young", KEPT - just))
    assert await forget_answers(flow.desk, ManualClock(REAL)) == 2
    assert await left(flow) == {"young"}
    assert await forget_answers(flow.desk, ManualClock(REAL)) == 0


async def test_very_many_go_in_portions_until_none_is_left(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_answers, "AT_ONCE", 3)
    await kept(flow, attempt("young", timedelta()), *(attempt(f"n-{n}", KEPT * 2) for n in range(9)))
    assert await forget_answers(flow.desk, ManualClock(REAL)) == 9
    assert await left(flow) == {"young"}


async def test_nothing_is_written_where_nothing_is_old(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    await kept(flow, attempt("young", timedelta()))
    monkeypatch.setattr(flow.record, "write", None)  # it would fail
    assert await forget_answers(flow.desk, ManualClock(REAL)) == 0
    assert await left(flow) == {"young"}
