"""Days of digests with everything that may happen in them, in random order: nothing twice, nothing left out."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from channels.errors import TemporaryError
from channels.message import Message
from streams.digests.gathering import gather_digests
from streams.steps import deliver as deliver_step
from streams.sweeps import end_leases, hand_over_due
from subscribers.digest import next_boundary
from tests.support.fakes import arrives
from tests.support.flow import Flow

STEPS = 40
SWEEPS = (end_leases, gather_digests, hand_over_due)
WHO = {"S-1": "daily", "S-2": "weekly", "S-3": "instant"}


class Killed(Exception):
    """Stands for the end of the process."""


class Days:
    """An office, its firms and its breakdowns, by the dice."""

    def __init__(self, flow: Flow, dice: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.flow = flow
        self.dice = dice
        self.monkeypatch = monkeypatch
        self.revisions: defaultdict[str, int] = defaultdict(int)
        self.repealed: set[str] = set()
        self.settle = deliver_step.settle

    async def live(self) -> None:
        """Do one thing."""
        done = self.dice.choices(
            (
                self.publish,
                self.repeal,
                self.pass_time,
                self.sweep,
                self.gather_only,
                self.break_down,
                self.refuse,
            ),
            weights=(6, 1, 6, 4, 1, 2, 1),
        )[0]
        await done()

    async def publish(self) -> None:
        """A new policy, or the next revision of one."""
        alive = sorted(set(self.revisions) - self.repealed)
        new = not alive or self.dice.random() < 0.6
        policy_id = f"P-{len(self.revisions)}" if new else self.dice.choice(alive)
        self.revisions[policy_id] += 1
        await self.flow.campaign(policy_id, title=f"{policy_id} 第{self.revisions[policy_id]}版")
        await self.flow.pump()

    async def repeal(self) -> None:
        alive = sorted(set(self.revisions) - self.repealed)
        if alive:
            policy_id = self.dice.choice(alive)
            self.repealed.add(policy_id)
            await self.flow.tell("policy.repealed", {"policy_id": policy_id})
            await self.flow.pump()

    async def pass_time(self) -> None:
        """Minutes or most of two days, now and then to the very boundary."""
        now = self.flow.clock.now()
        hours = timedelta(hours=self.dice.choice((0.01, 0.5, 5, 24, 40)))
        self.flow.clock.advance(next_boundary("daily", now) - now if self.dice.random() < 0.3 else hours)

    async def sweep(self) -> None:
        """The sweeps in whatever order, as the scheduler runs them beside each other, and their work done."""
        for sweep in self.dice.sample(SWEEPS, len(SWEEPS)):
            await sweep(self.flow.desk)
        await self.flow.pump()

    async def gather_only(self) -> None:
        """The process ends between making digests and handing them over."""
        await gather_digests(self.flow.desk)

    async def break_down(self) -> None:
        """The process ends after sending and before writing."""

        async def killed(*given: Any) -> None:
            raise Killed

        self.monkeypatch.setattr(deliver_step, "settle", killed)
        try:
            await self.sweep()
        except* Killed:
            pass  # as a power cut would: what it leaves behind is what the test is about
        finally:
            self.monkeypatch.setattr(deliver_step, "settle", self.settle)

    async def refuse(self) -> None:
        """The mail server is busy for a while."""
        self.flow.channels["email"].script = lambda message: TemporaryError("450 busy")
        await self.sweep()
        self.flow.channels["email"].script = arrives

    async def settle_down(self) -> None:
        """Nine quiet days, swept twice each time: what one sweep finds the other takes on."""
        for _ in range(9 * 3):
            self.flow.clock.advance(timedelta(hours=8))
            await self.sweep()
            await self.sweep()


def told(message: Message) -> list[tuple[str, int, str]]:
    """What a message tells of: policy, revision and occasion, of each entry if it is a digest."""
    contents = [entry.content for entry in message.content.entries] or [message.content]
    return [
        (one.policy_id, one.revision, "repeal" if one.occasion == "repeal" else "push") for one in contents
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_nobody_is_told_twice_and_nobody_misses_what_stands(
    flow: Flow, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subscriber_id, frequency in WHO.items():
        await flow.subscriber(subscriber_id, preferences={"frequency": frequency})
    days = Days(flow, random.Random(seed), monkeypatch)
    for _ in range(STEPS):
        await days.live()
    await days.settle_down()

    rows = await flow.rows()
    assert {row["state"] for row in rows} <= {"sent", "superseded", "suppressed"}
    assert {row["reason"] for row in rows if row["state"] == "suppressed"} <= {"nothing_left"}
    arrived = {row["delivery_id"] for row in rows if row["state"] == "sent"}
    by: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    boundaries: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for message in flow.channels["email"].sent:
        if message.occurrence.startswith("digest:"):
            boundaries[message.subscriber_id, message.occurrence].add(message.delivery_id)
        if message.delivery_id in arrived:
            for one in told(message):
                by[message.subscriber_id, *one].add(message.delivery_id)
    assert all(len(ids) == 1 for ids in by.values()), "something was told by two messages"
    assert all(len(ids) == 1 for ids in boundaries.values()), "two digests at one boundary"
    standing = {
        policy_id: revision
        for policy_id, revision in days.revisions.items()
        if policy_id not in days.repealed
    }
    assert standing
    for subscriber_id in WHO:
        for policy_id, revision in standing.items():
            assert by[subscriber_id, policy_id, revision, "push"], f"{subscriber_id} missed {policy_id}"
    assert any(len(message.content.entries) > 1 for message in flow.channels["email"].sent)
