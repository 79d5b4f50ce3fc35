"""Who may have a policy hears that it is over; who is about to get it hears what follows it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.errors import ParkedError, TemporaryError, TransportError, UnknownOutcomeError
from config.database.schema import campaigns
from streams.campaigns.record import stop
from streams.names import MATCH_TASKS, POLICIES_RELEASED
from streams.sweeps import give_up_unknown, hand_over_due
from tests.support.fakes import arrives
from tests.support.flow import AGENCY, Flow

REPEALED = {"policy_id": "P-1", "reason": "已废止"}
ITEM = {"interpretation_id": "I-1", "title": "解读要点", "form": "text", "body": "说明谁可以领取补助。"}


async def told(flow: Flow, channel: str) -> list[tuple[str, str]]:
    """(occurrence, state) of the rows on a channel."""
    async with flow.record.read() as conn:
        rows = await conn.execute(select(campaigns.c.campaign_id, campaigns.c.occurrence))
        names = {row.campaign_id: row.occurrence.split(":")[0] for row in rows}
    found = await flow.rows(channel=channel)
    return sorted((names[row["campaign_id"]], row["state"]) for row in found)


async def explained(flow: Flow) -> None:
    await flow.tell("interpretation.published", {"policy_id": "P-1", "interpretation": ITEM})
    await flow.tell("interpretation.released", {"policy_id": "P-1", "id": "I-1", "revision": 1}, "reviewer")
    await flow.pump()


async def later(flow: Flow, **time: float) -> None:
    flow.clock.advance(timedelta(**time))
    await hand_over_due(flow.desk)
    await flow.pump()


async def test_a_repeal_reaches_who_is_being_sent_the_policy_at_that_moment(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    [row] = await flow.rows()

    async def repealed_meanwhile() -> None:
        flow.channels["email"].meanwhile = None
        await flow.tell("policy.repealed", REPEALED)
        await flow.pump(POLICIES_RELEASED, MATCH_TASKS)

    flow.channels["email"].meanwhile = repealed_meanwhile
    await flow.deliver("email", [row["delivery_id"]])
    await flow.pump()
    assert [message.occurrence for message in flow.channels["email"].sent] == ["policy", "repeal"]


async def test_a_repeal_reaches_who_got_a_text_whose_answer_was_lost(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", channels=("sms",)))
    flow.channels["sms"].script = lambda message: UnknownOutcomeError("timeout")
    await flow.campaign()
    await flow.pump()
    flow.channels["sms"].script = arrives
    await flow.tell("policy.repealed", REPEALED)
    await flow.pump()
    assert await told(flow, "sms") == [("policy", "unknown"), ("repeal", "sent")]


async def test_a_repeal_reaches_who_got_a_text_that_was_never_reported(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", channels=("sms",)))
    await flow.campaign()
    await flow.pump()
    flow.clock.advance(timedelta(hours=80))
    await give_up_unknown(flow.desk)
    assert await told(flow, "sms") == [("policy", "failed")]
    await flow.tell("policy.repealed", REPEALED)
    await flow.pump()
    assert await told(flow, "sms") == [("policy", "failed"), ("repeal", "sent")]


@pytest.mark.parametrize(
    "away",
    [ParkedError("email is down: no connection", 300.0), TemporaryError("greylisted")],
    ids=["server down", "greylisted"],
)
async def test_what_follows_reaches_who_still_waits_for_the_policy(flow: Flow, away: TransportError) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = lambda message: away
    await flow.campaign()
    await flow.pump()
    await explained(flow)
    flow.channels["email"].script = arrives
    await later(flow, hours=2)
    assert await told(flow, "email") == [("interpretation", "sent"), ("policy", "sent")]


async def test_who_ends_the_subscription_while_the_policy_waits_hears_nothing_of_either(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = lambda message: TemporaryError("greylisted")
    await flow.campaign()
    await flow.pump()
    await explained(flow)
    await flow.announce(await flow.subscriber("S-1", criteria={}))
    flow.channels["email"].script = arrives
    await later(flow, hours=2)
    assert not [state for _, state in await told(flow, "email") if state == "sent"]


async def test_what_follows_goes_to_nobody_whose_policy_was_stopped_while_it_waited(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", preferences={"frequency": "weekly"}))
    await flow.campaign()
    await flow.pump()
    assert ("policy", "held") in await told(flow, "email")
    async with flow.record.write() as conn:
        await stop(conn, AGENCY, "P-1", "有误", await flow.actor("publisher"), flow.clock.now())
    await explained(flow)
    assert {occurrence for occurrence, _ in await told(flow, "email")} == {"policy"}
