"""Bounces that come early, late, twice or about nothing: applied once settled, never backwards, the same one once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from channels.errors import TemporaryError
from config.database.schema import deliveries
from streams.receipts.bounces import KEPT_FOR, apply_early, forget
from streams.sweeps import count_as_delivered, hand_over_due
from tests.support.bounced import comes_back, parked, planned, sent, state, suppressed
from tests.support.flow import Flow

DAY = timedelta(days=1)


async def test_what_counted_as_delivered_fails_when_it_bounces_days_later(flow: Flow) -> None:
    delivery_id = await sent(flow)
    flow.clock.advance(2 * DAY)
    assert await count_as_delivered(flow.desk, DAY) == 1
    assert (await flow.funnel()).delivered == 1
    flow.clock.advance(2 * DAY)
    await comes_back(flow, delivery_id, "expired")
    assert await state(flow) == ("failed", "expired")
    assert (await flow.row())["delivered_at"] is None
    assert await count_as_delivered(flow.desk, DAY) == 0
    assert (await flow.funnel()).delivered == 0


async def test_the_same_bounce_twice_changes_nothing(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "full")
    before = await flow.row()
    for _ in range(3):
        flow.clock.advance(DAY)
        assert await comes_back(flow, delivery_id, "full")
    assert await flow.row() == before
    assert await suppressed(flow) == []
    assert await parked(flow) == [None]


async def test_a_failure_after_a_delay_counts(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "temporary")
    await comes_back(flow, delivery_id, "expired")
    assert await state(flow) == ("failed", "expired")


async def test_a_bounce_that_overtakes_the_answer_is_applied_by_the_sweep(flow: Flow) -> None:
    delivery_id = await planned(flow)
    applied: list[bool] = []

    async def meanwhile() -> None:
        applied.append(await comes_back(flow, delivery_id, "gone"))
        assert await apply_early(flow.desk) == 0

    flow.channels["email"].meanwhile = meanwhile
    await flow.deliver("email", [delivery_id])
    assert applied == [False]
    assert await state(flow) == ("sent", None)
    assert await apply_early(flow.desk) == 1
    assert await state(flow) == ("failed", "gone")
    assert await apply_early(flow.desk) == 0


async def test_a_bounce_of_an_earlier_attempt_ends_no_row_that_goes_again_but_its_address(flow: Flow) -> None:
    delivery_id = await planned(flow)
    flow.channels["email"].script = lambda message: TemporaryError("451")
    await flow.deliver("email", [delivery_id])
    await comes_back(flow, delivery_id, "gone")
    assert (await flow.row())["state"] == "planned"
    flow.clock.advance(timedelta(hours=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    assert await state(flow) == ("suppressed", "contact_suppressed")
    assert len(flow.channels["email"].sent) == 1


@pytest.mark.parametrize("final", ["failed", "suppressed", "expired", "superseded"])
async def test_no_bounce_moves_a_row_that_has_ended(flow: Flow, final: str) -> None:
    delivery_id = await sent(flow)
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(state=final, reason="before"))
    await comes_back(flow, delivery_id, "undelivered")
    assert await state(flow) == (final, "before")
    assert await parked(flow) == ["had_ended"]


@pytest.mark.parametrize(
    ("delivery_id", "why"),
    [(None, "no_delivery_named"), ("00000000-0000-0000-0000-000000000000", "delivery_unknown")],
)
async def test_what_belongs_to_nothing_is_parked_with_the_reason(
    flow: Flow, delivery_id: str | None, why: str
) -> None:
    assert await comes_back(flow, delivery_id, "gone")
    assert await parked(flow) == [why]
    assert await suppressed(flow) == []


async def test_bounces_that_name_nothing_are_told_apart_by_their_text(flow: Flow) -> None:
    for body in (b"one", b"other", b"one"):
        await comes_back(flow, None, "gone", body)
    assert len(await parked(flow)) == 2


async def test_after_a_month_bounces_are_forgotten(flow: Flow) -> None:
    await comes_back(flow, None, "gone")
    assert await forget(flow.desk) == 0
    flow.clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert await forget(flow.desk) == 1
    assert await parked(flow) == []
