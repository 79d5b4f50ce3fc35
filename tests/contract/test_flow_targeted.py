"""定向公开: whom a policy names is asked again when it goes, and what it said is told to nobody else afterwards."""

from datetime import timedelta

from channels.errors import TemporaryError
from channels.message import Message
from streams.digests.gathering import gather_digests
from streams.sweeps import hand_over_due
from subscribers.associations import put_association, put_membership
from subscribers.memberships import leave
from tests.support.fakes import arrives
from tests.support.flow import NOW, Flow

WEEKLY = {"frequency": "weekly"}


async def joined(flow: Flow, *subscribers: str) -> None:
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
        for subscriber in subscribers:
            await put_membership(conn, "soft", subscriber, consent_at=NOW, evidence="表 1")


async def left(flow: Flow, subscriber: str) -> None:
    async with flow.record.write() as conn:
        await leave(conn, "soft", subscriber, actor=subscriber, now=flow.clock.now())


def greylisted(message: Message) -> TemporaryError:
    return TemporaryError("greylisted")


async def left_before_the_second_try(flow: Flow) -> None:
    await left(flow, "S-1")
    flow.channels["email"].script = arrives
    flow.clock.advance(timedelta(hours=2))
    await hand_over_due(flow.desk)
    await flow.pump()


async def states(flow: Flow, subscriber: str) -> set[tuple[str, str, str | None]]:
    rows = await flow.rows(subscriber_id=subscriber)
    return {
        (row["channel"], row["state"], row["reason"])
        for row in rows
        if row["digest_id"] != row["delivery_id"]
    }


async def test_who_left_the_named_association_gets_nothing_of_it_in_a_digest(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", preferences=WEEKLY))
    await flow.announce(await flow.subscriber("S-2", preferences=WEEKLY))
    await joined(flow, "S-1", "S-2")
    await flow.campaign(audience_scope={"associations": ["soft"]})
    await flow.pump()
    await left(flow, "S-1")
    flow.clock.advance(timedelta(days=8))
    await gather_digests(flow.desk)
    await hand_over_due(flow.desk)
    await flow.pump()
    assert {message.subscriber_id for message in flow.channels["email"].sent} == {"S-2"}
    assert ("email", "suppressed", "not_named") in await states(flow, "S-1")


async def test_nor_by_a_second_try(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await joined(flow, "S-1")
    flow.channels["email"].script = greylisted
    await flow.campaign(audience_scope={"associations": ["soft"]})
    await flow.pump()
    await left_before_the_second_try(flow)
    assert ("email", "suppressed", "not_named") in await states(flow, "S-1")


async def test_who_left_hears_of_the_repeal_that_was_planned_while_named(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await joined(flow, "S-1")
    await flow.campaign(audience_scope={"associations": ["soft"]})
    await flow.pump()
    flow.channels["email"].script = greylisted
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    await left_before_the_second_try(flow)
    assert [message.occurrence for message in flow.channels["email"].sent][-1] == "repeal"


async def test_an_amendment_for_everybody_tells_nobody_what_the_targeted_revision_said(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("named"))
    await flow.announce(await flow.subscriber("outsider"))
    await flow.campaign(title="内部安排", contact="张某", audience_scope={"subscribers": ["named"]})
    await flow.pump()
    await flow.campaign(contact="公开热线 12345")
    await flow.pump()
    [told] = [m.content for m in flow.channels["email"].sent if m.subscriber_id == "outsider"]
    assert told.change_note == "标题有变动；联系方式有变动"
