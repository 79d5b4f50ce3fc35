"""A channel in front of a far side that goes down and comes back; the clock is ours."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from channels.channel import Outcome
from channels.errors import (
    AccountError,
    PacedError,
    ParkedError,
    PermanentError,
    ThrottledError,
    UnreachableError,
)
from channels.guards.breaker import Breaker, Patience
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSide, FarSides
from channels.message import Message, Progress, Receipt
from tests.servers.messages import message

GOOD = Receipt(Progress.SENT, "250")
PATIENCE = Patience(in_a_row=3, first_wait_s=10, spread=0)
BATCH = [message(n) for n in range(5)]


class Server:
    """Answers as it is told, and counts who came."""

    name = "email"

    def __init__(self) -> None:
        self.says: Callable[[Message], Outcome] = lambda _: GOOD
        self.tried = 0

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        self.tried += len(batch)
        return [self.says(one) for one in batch]

    async def close(self) -> None:
        """Nothing is open."""


class Scene:
    """A breaking channel before a server, at a time of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.server = Server()
        self.far_side = FarSide("email", Breaker(lambda: 0.0, PATIENCE), lambda: self.now)
        self.channel = BreakingChannel(self.server, self.far_side)

    def down(self) -> None:
        self.server.says = lambda _: UnreachableError("no connection")

    def back(self) -> None:
        self.server.says = lambda _: GOOD

    async def open(self) -> None:
        self.down()
        for _ in range(3):
            await self.channel.send(BATCH)
        self.server.tried = 0


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_after_batches_that_reached_nobody_nothing_is_tried_any_more(scene: Scene) -> None:
    await scene.open()
    outcomes = await scene.channel.send(BATCH)
    assert scene.server.tried == 0
    assert {type(one) for one in outcomes} == {ParkedError}
    assert [one.retry_after_s for one in outcomes if isinstance(one, ParkedError)] == [10.0] * 5
    assert scene.far_side.down_since == 0


async def test_a_trial_is_one_message_and_what_it_came_with_waits_on(scene: Scene) -> None:
    await scene.open()
    scene.now = 10
    outcomes = await scene.channel.send(BATCH)
    assert scene.server.tried == 1
    assert isinstance(outcomes[0], UnreachableError)
    assert {type(one) for one in outcomes[1:]} == {ParkedError}


async def test_when_the_far_side_is_back_the_whole_batch_of_the_trial_goes(scene: Scene) -> None:
    await scene.open()
    scene.now = 10
    scene.back()
    assert list(await scene.channel.send(BATCH)) == [GOOD] * 5
    assert scene.far_side.up
    assert scene.far_side.down_since is None


async def test_refused_recipients_never_open_it(scene: Scene) -> None:
    scene.server.says = lambda _: PermanentError("550 user unknown", dead=True)
    for _ in range(30):
        await scene.channel.send(BATCH)
    scene.server.says = lambda _: ThrottledError("450 too many")
    for _ in range(30):
        await scene.channel.send(BATCH)
    assert scene.far_side.up


async def test_a_few_that_found_no_connection_among_many_that_did_do_not_open_it(scene: Scene) -> None:
    scene.server.says = lambda one: GOOD if one is not BATCH[0] else UnreachableError("no connection")
    for _ in range(30):
        await scene.channel.send(BATCH)
    assert scene.far_side.up


async def test_what_we_held_back_ourselves_is_no_trial(scene: Scene) -> None:
    await scene.open()
    scene.now = 10
    scene.server.says = lambda _: PacedError("our pace", 1.0)
    await scene.channel.send(BATCH)
    scene.back()
    assert list(await scene.channel.send(BATCH)) == [GOOD] * 5


async def test_a_trial_that_is_cut_off_lets_the_next_one_try(scene: Scene) -> None:
    await scene.open()
    scene.now = 10

    def cut(_: Message) -> Outcome:
        raise KeyboardInterrupt

    scene.server.says = cut
    with pytest.raises(KeyboardInterrupt):
        await scene.channel.send(BATCH)
    scene.back()
    assert list(await scene.channel.send(BATCH)) == [GOOD] * 5


async def test_a_refused_account_is_remembered_until_something_goes_again(scene: Scene) -> None:
    scene.now = 7
    scene.server.says = lambda _: AccountError("out of credit", 600)
    await scene.channel.send(BATCH)
    assert (scene.far_side.account, scene.far_side.reason) == (7, "out of credit")
    scene.now = 9
    await scene.channel.send(BATCH)
    assert scene.far_side.account == 7
    scene.back()
    await scene.channel.send(BATCH)
    assert scene.far_side.account is None


async def test_an_empty_batch_is_no_trial(scene: Scene) -> None:
    await scene.open()
    scene.now = timedelta(minutes=1).total_seconds()
    assert list(await scene.channel.send([])) == []
    assert not scene.far_side.on_trial


def test_every_far_side_is_known_by_its_name() -> None:
    sides = FarSides()
    assert sides.open("sms:kannel") is sides.open("sms:kannel")
    assert [one.name for one in (sides.open("email"), *sides.all())] == ["email", "sms:kannel", "email"]
