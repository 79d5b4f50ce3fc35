"""The whole delivery step against a real mail server that is killed in the middle of a campaign and comes back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.channel import Channel
from channels.email import EmailChannel, SmtpServer
from channels.guards.breaker import Breaker, Patience
from channels.guards.breaking import BreakingChannel
from channels.guards.pacing import PacedChannel
from channels.guards.rates import Turns
from config.mail_domains import Family
from config.promises import load_promises
from streams.alerts import open_subjects
from streams.alerts.far_sides import tell_far_sides
from streams.delivery.outcomes import PARKED
from streams.names import DELIVERIES, MATCH_TASKS, URGENT
from streams.steps import deliver as deliver_step
from streams.steps.deliver import deliver
from streams.sweeps import end_leases, hand_over_due
from tests.servers.smtp_sink import RecordingSink
from tests.support.flow import Flow, open_flow

PEOPLE = 80
QUICK = Patience(in_a_row=2, first_wait_s=0.2, longest_wait_s=0.4, spread=0)
LANES = {topic: channel for lane in (DELIVERIES, URGENT) for channel, topic in lane.items()}

pytestmark = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)


@pytest.fixture
async def flow(record_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Flow]:
    monkeypatch.setattr(deliver_step, "CHUNK", 10)
    monkeypatch.setattr(deliver_step, "ABREAST", 2)
    async with open_flow(record_url) as opened:
        for n in range(PEOPLE):
            await opened.subscriber(f"S-{n}", channels=("email", "space") if n < 5 else ("email",))
        await opened.campaign()
        await opened.pump(MATCH_TASKS)
        yield opened


class Post:
    """Hands over what is due and delivers what was handed over, e-mail by ``channel``."""

    def __init__(self, flow: Flow, channel: Channel) -> None:
        self.flow = flow
        self.channel = channel
        self.done = 0

    async def work(self) -> None:
        """Deliver what stands in the log, as the agents do."""
        while self.done < len(self.flow.log.messages):
            message = self.flow.log.messages[self.done]
            self.done += 1
            name = LANES.get(message.at.topic)
            if name is not None:
                channel = self.channel if name == "email" else self.flow.channels[name]
                await deliver(self.flow.desk, channel, message.json)

    async def sweep(self, passed: timedelta) -> None:
        """Let time pass, for rows as for the breaker, and do what is due."""
        self.flow.clock.advance(passed)
        await asyncio.sleep(0.45)
        await end_leases(self.flow.desk)
        await hand_over_due(self.flow.desk)
        await self.work()


async def states(flow: Flow, channel: str = "email") -> Counter[str]:
    return Counter(row["state"] for row in await flow.rows(channel=channel))


async def test_a_server_killed_in_the_middle_loses_nothing_and_the_breaker_opens_and_closes(
    flow: Flow, recording_sink: RecordingSink
) -> None:
    mail = EmailChannel(SmtpServer.from_url(recording_sink.url), "政达 <push@example.gov.cn>", connections=4)
    far_side = flow.desk.far_sides.open("email")
    far_side.breaker = Breaker(lambda: 0.0, QUICK)
    post = Post(flow, BreakingChannel(mail, far_side))

    async def kill_in_the_middle() -> None:
        while len(recording_sink.received()) < PEOPLE // 4:
            await asyncio.sleep(0.005)
        recording_sink.kill9()

    killing = asyncio.create_task(kill_in_the_middle())
    await post.work()
    await killing
    assert not far_side.up
    arrived = len(recording_sink.received())
    assert PEOPLE // 4 <= arrived < PEOPLE
    assert await states(flow, "space") == {"sent": 5}, "the other channel went on"
    parked = [row for row in await flow.rows() if (row["reason"] or "").startswith(PARKED)]
    assert parked
    assert {row["attempts"] for row in parked} == {0}

    await tell_far_sides(flow.desk, timedelta(seconds=0))
    async with flow.record.read() as conn:
        assert await open_subjects(conn, "far_side") == {"email"}
    await post.sweep(timedelta(seconds=2))
    assert not far_side.up, "the trial found it down"

    recording_sink.restart()
    for _ in range(6):
        await post.sweep(timedelta(minutes=20))
    await mail.close()
    assert await states(flow) == {"sent": PEOPLE}
    assert far_side.up
    got = Counter(one.message_id for one in recording_sink.received())
    assert len(got) == PEOPLE, "nobody was left out"
    assert sum(got.values()) <= PEOPLE + 2 * 10, "twice only what was on its way when it died"
    await tell_far_sides(flow.desk, load_promises().down_for)
    async with flow.record.read() as conn:
        assert await open_subjects(conn, "far_side") == set()


async def test_a_capped_provider_takes_its_time_and_everybody_is_asked_at_most_three_times(
    flow: Flow, recording_sink: RecordingSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver_step, "CHUNK", 100)
    mail = EmailChannel(SmtpServer.from_url(recording_sink.url), "政达 <push@example.gov.cn>", connections=4)
    start = flow.clock.now()
    turns = Turns(None, now=lambda: (flow.clock.now() - start).total_seconds())
    slow = Family("slow", frozenset({"example.com"}), 2.0)
    sent: list[int] = []

    class Counting(PacedChannel):
        async def send(self, batch):  # type: ignore[no-untyped-def]
            sent.append(len(batch))
            return await super().send(batch)

    post = Post(flow, Counting(mail, turns, families={"example.com": slow}))
    await post.work()
    assert (await states(flow))["sent"] <= 8
    for _ in range(90):
        flow.clock.advance(timedelta(seconds=1))
        await hand_over_due(flow.desk)
        await post.work()
        if (await states(flow))["sent"] == PEOPLE:
            break
    await mail.close()
    assert await states(flow) == {"sent": PEOPLE}
    passed = (flow.clock.now() - start).total_seconds()
    assert 32 <= passed <= 48, "two a second"
    assert sum(sent) <= 3 * PEOPLE
    assert {row["attempts"] for row in await flow.rows(channel="email")} == {1}
