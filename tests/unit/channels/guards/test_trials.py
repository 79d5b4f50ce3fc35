"""Trials of a gateway that is down: one that was not made is none, and a slow one takes nobody with it."""

from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import PacedError, ParkedError, UnreachableError
from channels.guards.breaker import Breaker, Patience
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSide
from channels.guards.pace import Rate
from channels.guards.rates import Pace, Turns
from channels.message import Message, Progress, Receipt
from channels.sms.gateways.gateway import Text
from channels.sms.way import Way
from tests.servers.messages import message
from tests.support.sms import ScriptedTexts

PATIENCE = Patience(in_a_row=3, first_wait_s=10, spread=0)
RATE = Rate(per_second=0.1)
BATCH = [message(n) for n in range(5)]


class Gateway:
    """A way at a pace before a gateway, at a time of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.gateway = ScriptedTexts("a", lambda text: UnreachableError("refused"))
        self.far_side = FarSide("sms:a", Breaker(lambda: 0.0, PATIENCE), lambda: self.now)
        self.turns = Turns(None, now=lambda: self.now)
        self.pace = Pace("sms:a", RATE, self.turns, patience_s=0.0)
        self.way = Way(self.gateway, self.far_side, pace=self.pace)

    async def submit(self, count: int = 3) -> list[Outcome]:
        return await self.way.submit([Text(f"d-{n}", f"+861380000{n:04d}", "好") for n in range(count)])

    async def open(self) -> None:
        while self.far_side.up:
            await self.submit(1)
            self.now += 10
        self.gateway.taken.clear()


async def test_a_trial_that_the_pace_sends_away_leaves_the_next_one_to_try_at_its_turn() -> None:
    one = Gateway()
    await one.open()
    one.now += 10
    await one.turns.take("sms:a", RATE, 1, 0.0)  # another worker has taken the turn
    trial, *others = await one.submit()
    assert one.gateway.taken == []
    assert isinstance(trial, PacedError)
    assert trial.retry_after_s == 10
    assert [(type(other), getattr(other, "retry_after_s", None)) for other in others] == [
        (ParkedError, 10)
    ] * 2
    one.gateway.script = one.gateway.takes
    one.now += 10
    (outcome,) = await one.submit(1)
    assert isinstance(outcome, Receipt)
    assert one.far_side.up


async def test_a_trial_that_was_not_made_does_not_lengthen_the_rest() -> None:
    one = Gateway()
    await one.open()
    one.now += 10
    await one.turns.take("sms:a", RATE, 1, 0.0)
    await one.submit()
    one.now += 10
    await one.submit(1)
    assert len(one.gateway.taken) == 1
    assert one.far_side.breaker.retry_after(one.now) == 20  # after one failed trial, not two


async def test_what_was_held_back_beside_a_trial_does_not_let_a_second_one_through() -> None:
    far_side = FarSide("sms:a", Breaker(lambda: 0.0, PATIENCE), lambda: 20.0)
    for _ in range(3):
        far_side.told([UnreachableError("refused")])
    far_side.breaker.allows(40.0)
    far_side.told([PacedError("our pace", 1.0)])
    assert not far_side.breaker.allows(41.0)


class SlowServer:
    """Takes everything, and its own time."""

    name = "email"

    def __init__(self, takes_s: float) -> None:
        self.now = 0.0
        self.takes_s = takes_s
        self.tried = 0
        self.down = True

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        self.tried += len(batch)
        self.now += self.takes_s
        return [UnreachableError("refused") if self.down else Receipt(Progress.SENT) for _ in batch]

    async def close(self) -> None:
        """Nothing is open."""


async def after_a_rest(takes_s: float) -> tuple[SlowServer, Sequence[Outcome]]:
    server = SlowServer(takes_s)
    far_side = FarSide("email", Breaker(lambda: 0.0, PATIENCE), lambda: server.now)
    channel = BreakingChannel(server, far_side)
    for _ in range(3):
        await channel.send(BATCH[:1])
    server.now += 10
    server.tried, server.down = 0, False
    outcomes = await channel.send(BATCH)
    assert far_side.up
    return server, outcomes


async def test_after_a_slow_trial_the_others_come_by_themselves_before_their_claim_ends() -> None:
    server, outcomes = await after_a_rest(takes_s=60.0)
    assert server.tried == 1
    assert [type(one) for one in outcomes] == [Receipt, *[PacedError] * 4]
    assert [one.retry_after_s for one in outcomes if isinstance(one, PacedError)] == [0.0] * 4


async def test_after_a_quick_trial_the_others_go_at_once() -> None:
    server, outcomes = await after_a_rest(takes_s=2.0)
    assert server.tried == 5
    assert {type(one) for one in outcomes} == {Receipt}
