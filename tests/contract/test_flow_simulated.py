"""The flow on a clock that runs 10,000 times as fast: what waits for the world outside waits as long as ever."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from channels.errors import TemporaryError, ThrottledError, UnknownOutcomeError
from config.clock import ManualClock, SimulatedClock
from streams import sweeps
from streams.desk import Desk
from streams.names import DELIVERIES
from tests.support.flow import NOW, Flow, open_flow

SPEED = 10_000.0
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EMAILS, TEXTS = DELIVERIES["email"], DELIVERIES["sms"]


@dataclass
class Fast:
    """A flow whose desk lives by a simulated clock; ``real`` moves it."""

    flow: Flow
    real: ManualClock
    desk: Desk


@pytest.fixture
async def fast(record_url: str) -> AsyncIterator[Fast]:
    async with open_flow(record_url) as flow:
        real = ManualClock(NOW + timedelta(days=300))
        clock = SimulatedClock(real, real=real.now(), domain=NOW, speed=SPEED)
        desk = replace(
            flow.desk, clock=clock, lease=clock.span(5 * MINUTE), lost_after=clock.span(5 * MINUTE)
        )
        flow.desk = desk
        yield Fast(flow, real, desk)


async def test_a_refused_mail_goes_again_after_a_real_minute(fast: Fast) -> None:
    flow = fast.flow
    flow.channels["email"].script = lambda _: TemporaryError("450 busy")
    await flow.subscriber()
    await flow.campaign()
    await flow.pump()
    fast.real.advance(59 * SECOND)
    assert await sweeps.hand_over_due(fast.desk) == 0
    fast.real.advance(14 * SECOND)  # a minute and its jitter
    assert await sweeps.hand_over_due(fast.desk) == 1


async def test_a_throttled_mail_waits_the_seconds_that_were_asked_for(fast: Fast) -> None:
    flow = fast.flow
    flow.channels["email"].script = lambda _: ThrottledError("421 slow down", retry_after_s=30)
    await flow.subscriber()
    await flow.campaign()
    await flow.pump()
    fast.real.advance(29 * SECOND)
    assert await sweeps.hand_over_due(fast.desk) == 0
    fast.real.advance(8 * SECOND)
    assert await sweeps.hand_over_due(fast.desk) == 1


async def test_a_claim_is_its_senders_for_real_minutes(fast: Fast) -> None:
    flow = fast.flow
    ended: list[int] = []

    async def slow() -> None:
        for wait in (4 * MINUTE, 2 * MINUTE):
            fast.real.advance(wait)
            ended.append(await sweeps.end_leases(fast.desk))

    flow.channels["email"].meanwhile = slow
    await flow.subscriber()
    await flow.campaign()
    await flow.pump(*set(DELIVERIES.values()), "match.tasks")
    assert ended == [0, 1]


async def test_a_hand_over_is_lost_after_real_minutes(fast: Fast) -> None:
    flow = fast.flow
    await flow.subscriber()
    await flow.campaign()
    await flow.pump("match.tasks")
    fast.real.advance(4 * MINUTE)
    assert (await sweeps.hand_over_due(fast.desk), await sweeps.ask_lost_shards(fast.desk)) == (0, 0)
    fast.real.advance(2 * MINUTE)
    assert await sweeps.hand_over_due(fast.desk) == 1


async def test_a_change_is_announced_anew_after_real_seconds(fast: Fast) -> None:
    fast.flow.clock.advance(fast.desk.clock.now() - fast.flow.clock.now())
    await fast.flow.subscriber()
    fast.real.advance(29 * SECOND)
    assert await sweeps.announce_forgotten(fast.desk) == 0
    fast.real.advance(2 * SECOND)
    assert await sweeps.announce_forgotten(fast.desk) == 1


async def test_a_text_of_uncertain_outcome_waits_real_days_for_its_report(fast: Fast) -> None:
    flow = fast.flow
    flow.channels["sms"].script = lambda _: UnknownOutcomeError("cut off")
    await flow.subscriber(channels=("sms",))
    await flow.campaign(labels=["industry:I65", "action:apply"], apply_url="https://example.cn/apply")
    await flow.pump()
    assert (await flow.row(channel="sms"))["state"] == "unknown"
    fast.real.advance(71 * HOUR)
    assert await sweeps.give_up_unknown(fast.desk) == 0
    fast.real.advance(2 * HOUR)
    assert await sweeps.give_up_unknown(fast.desk) == 1


async def test_a_window_closes_by_the_domain_clock(fast: Fast) -> None:
    flow = fast.flow
    window = {"opens": "2026-03-01", "closes": "2026-03-03"}
    await flow.subscriber()
    await flow.campaign(apply_window=window)
    await flow.pump("match.tasks")
    fast.real.advance(14 * SECOND)  # 39 hours
    await flow.pump()
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("expired", "apply_window")
