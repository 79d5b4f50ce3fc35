"""定向公开: whom a policy names is asked again when it goes, and what it said is told to nobody else afterwards."""

from datetime import timedelta

from channels.errors import TemporaryError
from channels.message import Message
from streams.digests.gathering import gather_digests
from streams.names import POLICIES_RELEASED
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


async def test_what_is_opened_to_everybody_tells_nobody_what_the_targeted_revision_said(flow: Flow) -> None:
    """Who had it hears that something changed; to the others it is a new policy."""
    await flow.announce(await flow.subscriber("named"))
    await flow.announce(await flow.subscriber("outsider"))
    await flow.announce(await flow.subscriber("reader", preferences=WEEKLY))
    await flow.campaign(title="内部安排", contact="张某", audience_scope={"subscribers": ["named"]})
    await flow.pump()
    await flow.campaign(contact="公开热线 12345")
    await flow.pump()
    flow.clock.advance(timedelta(days=8))
    await gather_digests(flow.desk)
    await hand_over_due(flow.desk)
    await flow.pump()
    contents = {m.subscriber_id: m.content for m in flow.channels["email"].sent}
    named, outsider = contents["named"], contents["outsider"]
    assert (named.occasion, named.change_note) == ("amendment", "标题有变动；联系方式有变动")
    assert (outsider.occasion, outsider.change_note) == ("policy", None)
    [entry] = contents["reader"].entries
    assert (entry.content.occasion, entry.content.change_note) == ("policy", None)


async def repeals(flow: Flow) -> list[tuple[str, str, int, str]]:
    """Who was told of the repeal by e-mail, and what of: subscriber, title, revision, everything else in words."""
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "已废止"})
    await flow.pump()
    told = [m for m in flow.channels["email"].sent if m.occurrence == "repeal"]
    return sorted((m.subscriber_id, m.content.title, m.content.revision, str(m.content)) for m in told)


async def test_a_repeal_after_narrowing_reaches_who_has_the_open_revision_and_tells_of_that(
    flow: Flow,
) -> None:
    for subscriber in ("named", "outsider"):
        await flow.announce(await flow.subscriber(subscriber))
    await flow.campaign()
    await flow.pump()
    await flow.campaign(title="内部安排", contact="张某", audience_scope={"subscribers": ["named"]})
    await flow.pump()
    named, outsider = await repeals(flow)
    assert named[:3] == ("named", "内部安排", 2)
    assert outsider[:3] == ("outsider", "关于支持软件产业发展的若干措施", 1)
    assert "内部安排" not in outsider[3]
    assert "张某" not in outsider[3]
    later = flow.log.on(POLICIES_RELEASED)[-1]
    await flow.step(later)  # once more, as after a crash
    await flow.pump()
    assert len([m for m in flow.channels["email"].sent if m.occurrence == "repeal"]) == 2
    spaces = [m for m in flow.channels["space"].sent if m.occurrence == "repeal"]
    assert len({m.subscriber_id for m in spaces}) == len(spaces)


async def test_each_who_was_named_once_is_told_of_the_revision_that_he_has(flow: Flow) -> None:
    for subscriber in ("first", "second", "outsider"):
        await flow.announce(await flow.subscriber(subscriber))
    await flow.campaign(title="安排甲", audience_scope={"subscribers": ["first"]})
    await flow.pump()
    await flow.campaign(title="安排乙", audience_scope={"subscribers": ["second"]})
    await flow.pump()
    assert [one[:3] for one in await repeals(flow)] == [("first", "安排甲", 1), ("second", "安排乙", 2)]


async def test_who_left_the_named_association_hears_that_what_he_got_is_repealed(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await joined(flow, "S-1")
    await flow.campaign(audience_scope={"associations": ["soft"]})
    await flow.pump()
    await left(flow, "S-1")
    assert [one[0] for one in await repeals(flow)] == ["S-1"]


async def test_a_repeal_of_what_was_opened_since_tells_everybody_of_the_newest(flow: Flow) -> None:
    for subscriber in ("named", "outsider"):
        await flow.announce(await flow.subscriber(subscriber))
    await flow.campaign(title="内部安排", audience_scope={"subscribers": ["named"]})
    await flow.pump()
    await flow.campaign()
    await flow.pump()
    assert [one[::2][:2] for one in await repeals(flow)] == [("named", 2), ("outsider", 2)]
