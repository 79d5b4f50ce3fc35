"""A claim lasts as long as its sender is at work, however slow the far side is; a sender that hangs is given up."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from streams.delivery import holding
from streams.names import MATCH_TASKS
from streams.steps import deliver as deliver_step
from streams.steps.deliver import deliver
from streams.sweeps import end_leases
from tests.support.flow import Flow

LEASE = timedelta(seconds=0.9)
STEP = timedelta(seconds=0.1)


async def slowly_sent(flow: Flow, steps: int) -> tuple[str, int]:
    """Send a text over a gateway that takes ``steps`` tenths of a second, while others look for ended leases."""
    desk = replace(flow.desk, lease=LEASE)
    await flow.subscriber(channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)

    async def slow() -> None:
        for _ in range(steps):
            await asyncio.sleep(STEP.total_seconds())
            flow.clock.advance(STEP)
            await end_leases(desk)

    flow.channels["sms"].meanwhile = slow
    await deliver(desk, flow.channels["sms"], {"delivery_ids": [(await flow.row())["delivery_id"]]})
    row = await flow.row()
    assert len(flow.channels["sms"].sent) == 1
    return row["state"], row["attempts"]


async def test_a_sender_at_work_keeps_its_claim_beyond_the_lease(flow: Flow) -> None:
    assert await slowly_sent(flow, steps=15) == ("sent", 1)


async def test_a_sender_that_hangs_loses_its_claim_in_the_end(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "LONGEST_S", 0.0)
    assert await slowly_sent(flow, steps=15) == ("unknown", 1)


async def test_a_record_that_is_away_while_a_claim_is_prolonged_does_not_end_the_sending(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def away(*given: object) -> bool:
        asked.set()
        raise ConnectionError("the record is away")

    monkeypatch.setattr(holding, "prolong", away)
    assert await slowly_sent(flow, steps=6) == ("sent", 1)
    assert asked.is_set()


async def test_a_claim_that_was_lost_while_the_record_was_away_sends_nothing(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = replace(flow.desk, lease=LEASE)
    await flow.subscriber(channels=("email",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    told = {"delivery_ids": [(await flow.row())["delivery_id"]]}
    known = deliver_step._known

    async def after_an_outage(*given: Any) -> Any:
        await asyncio.sleep(LEASE.total_seconds() / 2)
        flow.clock.advance(2 * LEASE)
        await end_leases(desk)  # another process, whose record came back sooner
        return await known(*given)

    monkeypatch.setattr(deliver_step, "_known", after_an_outage)
    await deliver(desk, flow.channels["email"], told)
    assert flow.channels["email"].sent == []
    monkeypatch.setattr(deliver_step, "_known", known)
    await deliver(desk, flow.channels["email"], told)
    assert len(flow.channels["email"].sent) == 1
    assert (await flow.row())["state"] == "sent"
