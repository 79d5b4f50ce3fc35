"""A far side that is down: its breaker opens, rows are parked in the record, and all go when it is back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.errors import ParkedError, UnreachableError
from channels.guards.breaker import Breaker, Patience
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSide
from channels.message import Progress, Receipt
from streams.delivery.outcomes import PARKED
from streams.delivery.parking import PARKED_S, one_asks
from streams.names import MATCH_TASKS
from streams.steps import deliver as deliver_step
from streams.steps.deliver import deliver
from streams.sweeps import hand_over_due
from tests.support.fakes import FakeChannel, arrives
from tests.support.flow import Flow, open_flow

PATIENCE = Patience(in_a_row=2, first_wait_s=5, longest_wait_s=60, spread=0)
PEOPLE = 60


class Scene:
    """A flow whose e-mail goes to a far side that can be down."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.inner: FakeChannel = flow.channels["email"]
        start = flow.clock.now()
        self.far_side = FarSide(
            "email",
            Breaker(lambda: 0.0, PATIENCE),
            lambda: (flow.clock.now() - start).total_seconds(),
        )
        self.channel = BreakingChannel(self.inner, self.far_side)
        self.seen = list(flow.log.on("deliveries.email"))

    def down(self) -> None:
        self.inner.script = lambda _: UnreachableError("no connection to the mail server")

    def back(self) -> None:
        self.inner.script = arrives

    async def send(self, ids: list[str]) -> None:
        await deliver(self.flow.desk, self.channel, {"delivery_ids": ids})

    async def sweep(self) -> int:
        """Hand over what is due, and deliver it."""
        found = await hand_over_due(self.flow.desk)
        handed = [m for m in self.flow.log.on("deliveries.email") if m not in self.seen]
        self.seen += handed
        for one in handed:
            await self.send(one.json["delivery_ids"])
        return found

    async def reasons(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in await self.flow.rows(channel="email"):
            key = (
                f"{row['state']} {'parked' if (row['reason'] or '').startswith(PARKED) else row['attempts']}"
            )
            found[key] = found.get(key, 0) + 1
        return found


@pytest.fixture
async def scene(record_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(deliver_step, "CHUNK", 10)
    monkeypatch.setattr(deliver_step, "ABREAST", 1)
    async with open_flow(record_url) as flow:
        for n in range(PEOPLE):
            await flow.subscriber(f"S-{n}")
        await flow.subscriber("S-far", channels=("space",))
        await flow.campaign()
        await flow.pump(MATCH_TASKS)
        yield Scene(flow)


async def test_rows_are_parked_untried_and_all_go_once_when_the_far_side_is_back(scene: Scene) -> None:
    ids = [row["delivery_id"] for row in await scene.flow.rows(channel="email")]
    scene.down()
    await scene.send(ids)
    assert len(scene.inner.sent) == 20, "two chunks found it down; the others were not tried"
    assert await scene.reasons() == {"planned 1": 20, "planned parked": 40}
    assert {
        row["attempts"] for row in await scene.flow.rows(channel="email") if row["reason"].startswith(PARKED)
    } == {0}

    # A trial: of each chunk that was parked one row comes back, and one of those is tried.
    scene.flow.clock.advance(timedelta(seconds=7))
    assert await scene.sweep() == 4
    assert len(scene.inner.sent) == 21

    # It stays down for minutes: hardly anything is claimed meanwhile.
    claimed = 0
    for _ in range(8):
        scene.flow.clock.advance(timedelta(seconds=30))
        claimed += await scene.sweep()
    tried_again = 20  # what had been tried comes back by its own table
    assert claimed <= tried_again * 2 + 16

    scene.inner.sent.clear()
    scene.back()
    scene.flow.clock.advance(timedelta(seconds=80))
    for _ in range(4):
        await scene.sweep()
    scene.flow.clock.advance(timedelta(minutes=20))
    await scene.sweep()
    assert {row["state"] for row in await scene.flow.rows(channel="email")} == {"sent"}
    assert sorted(message.delivery_id for message in scene.inner.sent) == sorted(ids)


async def test_when_it_is_back_parked_rows_do_not_wait_out_their_time(scene: Scene) -> None:
    ids = [row["delivery_id"] for row in await scene.flow.rows(channel="email")]
    scene.down()
    await scene.send(ids)
    scene.back()
    scene.flow.clock.advance(timedelta(seconds=7))
    await scene.sweep()
    await scene.sweep()
    assert (await scene.reasons())["sent 1"] == 40
    assert scene.far_side.up


async def test_another_process_fetches_what_one_that_ended_had_parked(scene: Scene) -> None:
    ids = [row["delivery_id"] for row in await scene.flow.rows(channel="email")]
    scene.down()
    await scene.send(ids)
    fresh = FakeChannel("email")
    scene.flow.desk.through.clear()
    scene.flow.clock.advance(timedelta(seconds=7))
    await hand_over_due(scene.flow.desk)
    asking = scene.flow.log.on("deliveries.email")[-1].json
    await deliver(scene.flow.desk, fresh, asking)
    parked = [
        row for row in await scene.flow.rows(channel="email") if (row["reason"] or "").startswith(PARKED)
    ]
    assert {row["due_at"] for row in parked} == {scene.flow.clock.now()}


async def test_other_channels_go_on_while_one_is_down(scene: Scene) -> None:
    scene.down()
    await scene.send([row["delivery_id"] for row in await scene.flow.rows(channel="email")])
    (row,) = await scene.flow.rows(subscriber_id="S-far")
    await scene.flow.deliver("space", [row["delivery_id"]])
    assert (await scene.flow.row(subscriber_id="S-far"))["state"] == "sent"


def test_of_a_parked_chunk_one_row_asks_and_the_others_wait_longer() -> None:
    sent = Receipt(Progress.SENT)
    found = one_asks([sent, ParkedError("down", 5), ParkedError("down", 5), ParkedError("down", 900)])
    assert found[0] is sent
    waits = [one.retry_after_s for one in found if isinstance(one, ParkedError)]
    assert waits == [5, PARKED_S, 900]
