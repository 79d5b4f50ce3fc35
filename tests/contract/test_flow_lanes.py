"""The urgent lane in the flow: which rows go by it, from the fan-out and from the sweeps."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.errors import TemporaryError
from channels.message import Message
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED, POLICIES_RELEASED, URGENT
from streams.sweeps import hand_over_due
from tests.support.flow import Flow, open_flow

TO_MATCH = (POLICIES_ACCEPTED, POLICIES_RELEASED, MATCH_TASKS)


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        await opened.subscriber()
        yield opened


def handed(flow: Flow, topic: str) -> list[str]:
    return [one for message in flow.log.on(topic) for one in message.json["delivery_ids"]]


async def test_a_policy_goes_by_the_broad_lane_and_its_withdrawal_by_the_urgent_one(flow: Flow) -> None:
    await flow.campaign()
    await flow.pump()
    assert len(handed(flow, DELIVERIES["email"])) == 1
    assert handed(flow, URGENT["email"]) == []
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "另有规定"})
    await flow.pump(*TO_MATCH)
    (withdrawal,) = handed(flow, URGENT["email"])
    await flow.pump()
    told: Message = flow.channels["email"].sent[-1]
    assert (told.delivery_id, told.urgent) == (withdrawal, True)
    assert not flow.channels["email"].sent[0].urgent


async def test_a_withdrawal_that_goes_again_goes_by_the_urgent_lane(flow: Flow) -> None:
    await flow.campaign()
    await flow.pump()
    flow.channels["email"].script = lambda _: TemporaryError("450")
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    (withdrawal,) = handed(flow, URGENT["email"])
    flow.clock.advance(timedelta(minutes=2))
    assert await hand_over_due(flow.desk) == 1
    assert handed(flow, URGENT["email"]) == [withdrawal, withdrawal]


async def test_what_closes_today_goes_by_the_urgent_lane_and_what_is_retried_beside_it_does_not(
    flow: Flow,
) -> None:
    flow.channels["email"].script = lambda _: TemporaryError("450")
    await flow.campaign("P-broad")
    await flow.campaign("P-today", apply_window={"opens": "2026-01-01", "closes": "2026-03-02"})
    await flow.pump()
    (broad,), (today,) = handed(flow, DELIVERIES["email"]), handed(flow, URGENT["email"])
    flow.clock.advance(timedelta(minutes=2))
    assert await hand_over_due(flow.desk) == 2
    assert handed(flow, DELIVERIES["email"]) == [broad, broad]
    assert handed(flow, URGENT["email"]) == [today, today]
    lanes = [message.at.topic for message in flow.log.messages[-2:]]
    assert lanes == [URGENT["email"], DELIVERIES["email"]], "the urgent ones first"


async def test_a_digest_that_goes_again_has_no_policy_and_is_not_urgent(flow: Flow) -> None:
    from streams.digests.gathering import gather_digests

    flow.channels["email"].script = lambda _: TemporaryError("450")
    await flow.subscriber("S-2", preferences={"frequency": "daily"})
    await flow.campaign()
    await flow.pump()
    flow.clock.advance(timedelta(days=1))
    await gather_digests(flow.desk)
    await hand_over_due(flow.desk)
    await flow.pump()
    flow.clock.advance(timedelta(minutes=10))
    assert await hand_over_due(flow.desk) >= 1
    assert handed(flow, URGENT["email"]) == []
