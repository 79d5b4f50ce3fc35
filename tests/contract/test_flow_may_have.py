"""Who may have a policy hears that it is over; who is about to get it hears what follows it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.errors import ParkedError, TemporaryError, TransportError, UnknownOutcomeError
from channels.message import Message
from config.database.schema import campaigns
from streams.campaigns.record import stop
from streams.delivery.claims import claim
from streams.digests.gathering import gather_digests
from streams.names import MATCH_TASKS, POLICIES_RELEASED
from streams.sweeps import end_leases, give_up_unknown, hand_over_due
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


def lost(message: Message) -> UnknownOutcomeError:
    return UnknownOutcomeError("the connection ended before the answer")


def greylisted(message: Message) -> TemporaryError:
    return TemporaryError("greylisted")


async def repealed(flow: Flow) -> list[tuple[str, str]]:
    flow.channels["email"].script = arrives
    await flow.tell("policy.repealed", REPEALED)
    await flow.pump()
    await later(flow, days=1)
    return await told(flow, "email")


async def test_a_repeal_reaches_who_may_have_a_mail_whose_answer_was_lost(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = lost
    await flow.campaign()
    await flow.pump()
    assert await repealed(flow) == [("policy", "superseded"), ("repeal", "sent")]


async def test_nor_is_that_forgotten_when_a_later_try_is_turned_away(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = lost
    await flow.campaign()
    await flow.pump()
    flow.channels["email"].script = greylisted
    await later(flow, hours=2)
    [row] = await flow.rows(channel="email")
    assert (row["state"], row["reason"]) == ("planned", "greylisted")
    assert await repealed(flow) == [("policy", "superseded"), ("repeal", "sent")]


async def test_nor_when_the_repeal_ends_it_before_its_notice_is_matched(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = lost
    await flow.campaign()
    await flow.pump()
    flow.channels["email"].script = arrives
    await flow.tell("policy.repealed", REPEALED)
    flow.clock.advance(timedelta(hours=2))
    [row] = await flow.rows(channel="email")
    await flow.deliver("email", [row["delivery_id"]])
    assert await told(flow, "email") == [("policy", "superseded")]
    await flow.pump()
    assert await told(flow, "email") == [("policy", "superseded"), ("repeal", "sent")]


async def test_a_repeal_reaches_who_may_have_a_mail_whose_sender_vanished(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    [row] = await flow.rows(channel="email")
    async with flow.record.write() as conn:
        await claim(conn, [row["delivery_id"]], "gone", flow.clock.now(), flow.desk.lease)
    flow.clock.advance(timedelta(hours=1))
    assert await end_leases(flow.desk) == 1
    assert await repealed(flow) == [("policy", "superseded"), ("repeal", "sent")]


async def vanished(flow: Flow) -> None:
    """Let a sender take the digest and never be heard of again."""
    flow.channels["email"].script = arrives
    digest = next(row for row in await flow.rows(channel="email") if row["digest_id"] == row["delivery_id"])
    async with flow.record.write() as conn:
        await claim(conn, [digest["delivery_id"]], "gone", flow.clock.now(), flow.desk.lease)
    flow.clock.advance(timedelta(hours=1))
    assert await end_leases(flow.desk) == 1


@pytest.mark.parametrize("how", ["answer lost", "sender vanished"])
async def test_a_repeal_reaches_who_may_have_the_policy_in_a_digest(flow: Flow, how: str) -> None:
    await flow.announce(await flow.subscriber("S-1", preferences={"frequency": "weekly"}))
    await flow.campaign()
    await flow.pump()
    flow.clock.advance(timedelta(days=8))
    await gather_digests(flow.desk)
    if how == "answer lost":
        flow.channels["email"].script = lost
        await later(flow)
    else:
        await vanished(flow)
    assert await repealed(flow) == [("digest", "suppressed"), ("policy", "superseded"), ("repeal", "sent")]


async def test_a_repeal_is_not_told_to_whom_the_policy_surely_never_reached(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    flow.channels["email"].script = greylisted
    await flow.campaign()
    await flow.pump()
    assert await repealed(flow) == [("policy", "superseded")]


async def test_what_may_have_gone_and_goes_again_is_not_counted_as_sent(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", channels=("email",)))
    flow.channels["email"].script = lost
    await flow.campaign()
    await flow.pump()
    spaces = len(await flow.rows(channel="space", state="sent"))
    assert (await flow.funnel()).sent == spaces
