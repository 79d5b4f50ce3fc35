"""A service that is stopped while its messages wait for their turn: they go as soon as it is back, and none twice."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta

import pytest

from channels.channel import Channel, Outcome
from channels.errors import UnreachableError
from channels.guards import pacing
from channels.guards.breaker import Breaker, Patience
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSide
from channels.guards.pace import Rate
from channels.guards.pacing import PacedChannel
from channels.guards.rates import Pace, Turns
from channels.message import Message
from channels.sms.channel import SmsChannel
from channels.sms.way import Way
from config.mail_domains import Family
from streams.names import MATCH_TASKS
from streams.steps.deliver import deliver
from streams.sweeps import hand_over_due
from tests.support.flow import Flow
from tests.support.sms import ScriptedTexts

NAMES = [f"S-{n}" for n in range(6)]
SLOWLY = Rate(per_second=0.2)


def paced(turns: Turns, name: str = "email") -> Pace:
    return Pace(name, SLOWLY, turns, patience_s=30.0)


async def planned(flow: Flow, channel: str = "email") -> list[str]:
    for name in NAMES:
        await flow.subscriber(name, channels=(channel,))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [row["delivery_id"] for row in await flow.rows()]


async def stopped(work: Awaitable[None], after_s: float = 0.3) -> None:
    """Cancel ``work`` as an orderly stop does, and see that it ends soon."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(after_s)
    assert not task.done()
    task.cancel()
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await task


async def states(flow: Flow) -> list[tuple[str, int]]:
    return sorted((row["state"], row["attempts"]) for row in await flow.rows())


async def test_what_waits_for_its_turn_at_a_stop_goes_at_the_next_start_and_nothing_twice(flow: Flow) -> None:
    ids = await planned(flow)
    inner = flow.channels["email"]
    channel = PacedChannel(inner, turns := Turns(None), paced(turns))
    flow.clock.advance(timedelta(seconds=1))
    await stopped(deliver(flow.desk, channel, {"delivery_ids": ids}))
    assert await states(flow) == [*[("planned", 0)] * 5, ("sent", 1)]
    assert await hand_over_due(flow.desk) == 5  # at once: no lease has to end first
    await flow.pump()
    assert await states(flow) == [("sent", 1)] * 6
    assert len(inner.sent) == len({one.delivery_id for one in inner.sent}) == 6


async def test_what_waits_for_the_turn_of_its_mail_domain_is_let_go_of_too(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "PATIENCE_S", 60.0)
    ids = await planned(flow)
    domains = {"example.com": Family("example", frozenset({"example.com"}), 0.2)}
    channel = PacedChannel(flow.channels["email"], Turns(None), None, domains)
    await stopped(deliver(flow.desk, channel, {"delivery_ids": ids}))
    assert flow.channels["email"].sent == []
    assert await states(flow) == [("planned", 0)] * 6


async def test_a_text_that_waits_for_its_turn_at_a_stop_is_not_unknown_and_goes_again(flow: Flow) -> None:
    ids = await planned(flow, "sms")
    gateway = ScriptedTexts("a")
    channel = SmsChannel([Way(gateway, pace=paced(Turns(None), "sms:a"))])
    await stopped(deliver(flow.desk, channel, {"delivery_ids": ids}))
    assert len(gateway.taken) == 1
    assert await states(flow) == [*[("planned", 0)] * 5, ("sent", 1)]


async def test_a_trial_that_waits_at_a_stop_leaves_everybody_planned(flow: Flow) -> None:
    ids = await planned(flow)
    turns, now = Turns(None), [0.0]
    far_side = FarSide("email", Breaker(lambda: 0.0, Patience(in_a_row=1, first_wait_s=1)), lambda: now[0])
    far_side.told([UnreachableError("refused")])
    now[0] = 60.0
    channel: Channel = BreakingChannel(PacedChannel(flow.channels["email"], turns, paced(turns)), far_side)
    await turns.take("email", SLOWLY, 1, 0.0)
    await stopped(deliver(flow.desk, channel, {"delivery_ids": ids}))
    assert flow.channels["email"].sent == []
    assert await states(flow) == [("planned", 0)] * 6
    assert far_side.allows()


class Held:
    """A channel that is sending until it is told to go on."""

    name = "email"

    def __init__(self, inner: Channel) -> None:
        self.inner = inner
        self.go_on = asyncio.Event()

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        await self.go_on.wait()
        return await self.inner.send(batch)

    async def close(self) -> None:
        """Nothing is open."""


async def test_what_is_being_sent_at_a_stop_is_written_down_and_not_let_go_of(flow: Flow) -> None:
    ids = await planned(flow)
    held = Held(flow.channels["email"])
    asyncio.get_running_loop().call_later(0.6, held.go_on.set)
    await stopped(deliver(flow.desk, held, {"delivery_ids": ids}))
    assert await states(flow) == [("sent", 1)] * 6
