"""Interpretations and FAQs through the flow: before their policy, with it and after it; reviewed, pushed once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import campaigns
from streams.access import Role, create_key
from streams.explanations.record import Explanation, items_of
from streams.followups.agency_tasks import INTERPRETATION_MISSING, open_task, open_tasks
from streams.gate.judging import EventStatus, known_event
from streams.names import MATCH_TASKS, POLICIES_RELEASED
from tests.support.flow import AGENCY, NOW, Flow, cloud_event, policy

STATES = ("waiting", "released", "refused", "superseded")
TEXT = "这份文件解决什么问题？第一次被认定为高企的公司可以拿到钱。"


async def interpret(flow: Flow, item_id: str = "I-1", who: str = "publisher", **changes: Any) -> EventStatus:
    given = {"interpretation_id": item_id, "title": "一图读懂", "form": "chart", "body": TEXT} | changes
    data = {"policy_id": "P-1", "interpretation": given}
    return await flow.tell("interpretation.published", data, who)


async def answer(flow: Flow, item_id: str = "F-1") -> EventStatus:
    items = [{"question": "谁可申报？", "answer": "软件企业。"}]
    data = {"policy_id": "P-1", "faq": {"faq_id": item_id, "title": "常见问题", "items": items}}
    return await flow.tell("faq.published", data)


async def decide(flow: Flow, kind: str, item_id: str = "I-1", revision: int = 1, **more: Any) -> EventStatus:
    return await flow.tell(
        kind, {"policy_id": "P-1", "id": item_id, "revision": revision} | more, who="reviewer"
    )


async def items(flow: Flow) -> list[Explanation]:
    async with flow.record.read() as conn:
        return await items_of(conn, AGENCY, "P-1", STATES)


async def states(flow: Flow) -> dict[str, str]:
    return {one.name: one.state for one in await items(flow)}


async def occurrences(flow: Flow) -> list[str]:
    async with flow.record.read() as conn:
        return sorted((await conn.scalars(select(campaigns.c.occurrence))).all())


async def reached(flow: Flow, *subscribers: str) -> None:
    """Publish P-1 and deliver it to these subscribers by e-mail."""
    for subscriber in subscribers:
        await flow.announce(await flow.subscriber(subscriber))
    await flow.campaign()
    await flow.pump()
    assert {row["subscriber_id"] for row in await flow.rows(state="sent")} == set(subscribers)


# -- before, with, after ---------------------------------------------------------------------------------------------


async def test_what_comes_before_its_policy_waits_and_is_released_together_with_it(flow: Flow) -> None:
    assert (await interpret(flow)).status == "accepted"
    assert (await answer(flow)).status == "accepted"
    assert set((await states(flow)).values()) == {"waiting"}
    early = await decide(flow, "interpretation.released")
    assert (early.status, "released together with it" in str(early.reason)) == ("refused", True)
    await flow.campaign()
    assert await states(flow) == {"interpretation:I-1:1": "released", "faq:F-1:1": "released"}
    assert [one.decided_by for one in await items(flow)] == ["李四", "李四"]
    assert await occurrences(flow) == ["policy"]


async def test_what_comes_while_its_policy_waits_is_released_together_with_it(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await interpret(flow)
    await flow.release()
    assert await states(flow) == {"interpretation:I-1:1": "released"}
    assert await occurrences(flow) == ["policy"]


async def test_what_comes_after_the_release_is_pushed_once_reviewed_to_those_who_got_the_policy(
    flow: Flow,
) -> None:
    await reached(flow, "S-1", "S-2")
    await flow.announce(await flow.subscriber("S-3"))
    await interpret(flow)
    await flow.pump()
    assert await occurrences(flow) == ["policy"]
    await decide(flow, "interpretation.released")
    await flow.pump()
    told = flow.channels["email"].sent[2:]
    assert {message.subscriber_id for message in told} == {"S-1", "S-2"}
    assert {message.occurrence for message in told} == {"interpretation:I-1:1"}
    content = told[0].content
    assert (content.occasion, content.title) == ("interpretation", policy()["title"])
    assert content.text == f"一图读懂\n\n{TEXT}"
    assert told[0].reasons[0].subscription == "软件扶持"


async def test_a_faq_goes_out_with_its_questions(flow: Flow) -> None:
    await reached(flow, "S-1")
    await answer(flow)
    await decide(flow, "faq.released", "F-1")
    await flow.pump()
    message = flow.channels["email"].sent[-1]
    assert (message.occurrence, message.content.occasion) == ("faq:F-1:1", "faq")
    assert message.content.text == "常见问题\n\n问：谁可申报？\n答：软件企业。"


async def test_who_ended_the_subscription_meanwhile_is_not_told(flow: Flow) -> None:
    await reached(flow, "S-1", "S-2")
    await flow.subscriber("S-1", criteria={})
    await interpret(flow)
    await decide(flow, "interpretation.released")
    await flow.pump()
    row = await flow.row(subscriber_id="S-1", state="suppressed")
    assert row["reason"] == "subscription_ended"
    assert [message.subscriber_id for message in flow.channels["email"].sent[2:]] == ["S-2"]


async def test_a_long_text_is_cut_where_the_page_has_the_rest(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow, body="长" * 150_000)
    await decide(flow, "interpretation.released")
    await flow.pump()
    text = flow.channels["email"].sent[-1].content.text
    assert len(text) < 4_100
    assert text.endswith("（全文见政策页面）")


# -- review ----------------------------------------------------------------------------------------------------------


async def test_a_refused_item_is_kept_with_its_reason_and_goes_nowhere(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    no = await decide(flow, "interpretation.refused")
    assert (no.status, "say why" in str(no.reason)) == ("refused", True)
    assert (await decide(flow, "interpretation.refused", reason="与正文不符")).status == "accepted"
    await flow.pump()
    (item,) = await items(flow)
    assert (item.state, item.reason, item.decided_by) == ("refused", "与正文不符", "李四")
    assert await occurrences(flow) == ["policy"]
    assert (await decide(flow, "interpretation.released")).status == "refused"


async def test_what_the_reviewer_published_waits_for_another_person(flow: Flow) -> None:
    """A person may hold a publisher's and a reviewer's key."""
    flow.keys["reviewer"], flow.keys["kept"] = await own_key(flow, "张 三"), flow.keys["reviewer"]
    await interpret(flow)
    flow.keys["publisher"] = await own_key(flow, "王五", publishes=True)
    await flow.campaign()  # by 王五, released by 张 三
    assert await states(flow) == {"interpretation:I-1:1": "waiting"}
    own = await decide(flow, "interpretation.released")
    assert (own.status, "another person must release it" in str(own.reason)) == ("refused", True)
    flow.keys["reviewer"] = flow.keys["kept"]
    assert (await decide(flow, "interpretation.released")).status == "accepted"


async def own_key(flow: Flow, holder: str, *, publishes: bool = False) -> Any:
    role = Role.PUBLISHER if publishes else Role.REVIEWER
    async with flow.record.write() as conn:
        return await create_key(conn, flow.desk.vault, role=role, holder=holder, agency_id=AGENCY, now=NOW)


async def test_a_release_that_names_what_was_reviewed_leaves_the_rest_waiting(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await interpret(flow)
    await interpret(flow, "I-2")
    await flow.pump()
    named = {"policy_id": "P-1", "revision": 1, "explanations": ["interpretation:I-1:1"]}
    assert (await flow.tell("policy.released", named, "reviewer")).status == "accepted"
    assert await states(flow) == {"interpretation:I-1:1": "released", "interpretation:I-2:1": "waiting"}


async def test_two_events_that_make_one_revision_of_an_item_are_one_revision_and_one_refusal(
    flow: Flow,
) -> None:
    """From partitions of the sender's own choice; the one that comes second is refused, or makes the next revision."""
    told = [
        cloud_event(
            "interpretation.published",
            {"policy_id": "P-1", "interpretation": {"interpretation_id": "I-1", "title": f"第{n}稿"}},
            f"e-{n}",
        )
        for n in range(4)
    ]
    messages = [await flow.log_event(raw) for raw in told]
    await asyncio.gather(*map(flow.admit, messages))
    found = await items(flow)
    assert [one.revision for one in found] == list(range(1, len(found) + 1))
    assert [one.state for one in found].count("waiting") == 1
    async with flow.record.read() as conn:
        known = [await known_event(conn, AGENCY, f"e-{n}") for n in range(4)]
    assert sum(one is not None and one.status == "accepted" for one in known) == len(found)
    assert {one.reason.rpartition(" ")[2] for one in known if one and one.reason} <= {"again"}


async def test_an_item_of_another_agency_s_policy_is_refused(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    data = {"policy_id": "P-1", "interpretation": {"title": "外人的解读"}}
    message = await flow.log_event(cloud_event("interpretation.published", data, "e-9"), "other-publisher")
    await flow.admit(message)
    assert await items(flow) == []


# -- once ------------------------------------------------------------------------------------------------------------


async def test_the_same_event_and_the_same_content_are_one_item(flow: Flow) -> None:
    first = await interpret(flow)
    assert (first.status, first.revision) == ("accepted", None)
    await interpret(flow)
    assert await states(flow) == {"interpretation:I-1:1": "waiting"}


async def test_a_release_done_again_hands_on_again_and_opens_one_campaign(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    await decide(flow, "interpretation.released")
    again = next(m for m in reversed(flow.log.messages) if m.at.topic == "policy.events")
    await flow.admit(again)
    told = [m.json for m in flow.log.on(POLICIES_RELEASED)]
    assert [one["occurrence"] for one in told] == ["policy", *["interpretation:I-1:1"] * 2]
    await flow.pump()
    assert await occurrences(flow) == ["interpretation:I-1:1", "policy"]
    assert len(flow.channels["email"].sent) == 2


async def test_a_release_done_again_after_an_amendment_still_names_its_own_revision(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    await decide(flow, "interpretation.released")
    again = next(m for m in reversed(flow.log.messages) if m.at.topic == "policy.events")
    await flow.campaign(title="修订后的措施")
    await flow.admit(again)
    assert {m.json["revision"] for m in flow.log.on(POLICIES_RELEASED) if "I-1" in m.json["occurrence"]} == {
        1
    }


async def test_the_same_id_with_other_content_is_its_next_revision(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    await interpret(flow, body="改过的")
    assert await states(flow) == {
        "interpretation:I-1:1": "superseded",
        "interpretation:I-1:2": "waiting",
    }
    assert (await decide(flow, "interpretation.released", revision=1)).status == "refused"
    await decide(flow, "interpretation.released", revision=2)
    await interpret(flow, body="再改")
    assert (await states(flow))["interpretation:I-1:2"] == "released"
    await decide(flow, "interpretation.refused", revision=3, reason="没有必要")
    assert (await states(flow))["interpretation:I-1:2"] == "released"


async def test_what_was_not_sent_of_an_older_revision_is_superseded(flow: Flow) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    await decide(flow, "interpretation.released")
    await flow.pump(POLICIES_RELEASED, MATCH_TASKS)  # planned, and not sent yet
    await interpret(flow, body="改过的")
    await decide(flow, "interpretation.released", revision=2)
    await flow.pump()
    assert [message.occurrence for message in flow.channels["email"].sent] == [
        "policy",
        "interpretation:I-1:2",
    ]
    row = await flow.row(state="superseded")
    assert row["reason"] == "superseded"


@pytest.mark.parametrize("released", [False, True])
async def test_nothing_is_told_of_a_repealed_policy(flow: Flow, released: bool) -> None:
    await reached(flow, "S-1")
    await interpret(flow)
    if released:
        await decide(flow, "interpretation.released")
        await flow.pump(POLICIES_RELEASED, MATCH_TASKS)
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    if not released:
        assert (await decide(flow, "interpretation.released")).status == "refused"
    await flow.pump()
    assert [message.occurrence for message in flow.channels["email"].sent] == ["policy", "repeal"]


# -- rule 7 ----------------------------------------------------------------------------------------------------------


async def test_a_policy_that_must_be_interpreted_is_flagged_when_it_is_released_without(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    status = await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    assert (status.status, "interpretation: missing" in str(status.reason)) == ("accepted", True)


@pytest.mark.parametrize("changes", [{"interpretations": [{"title": "随文解读"}]}, {"kind": "notice"}])
async def test_one_with_an_interpretation_or_without_need_is_not(flow: Flow, changes: dict[str, Any]) -> None:
    await flow.tell("policy.published", policy(**changes))
    status = await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    assert (status.status, status.reason) == ("accepted", None)


async def test_where_the_office_says_so_it_is_held_until_an_interpretation_comes(flow: Flow) -> None:
    flow.desk = replace(flow.desk, hold_uninterpreted=True)
    await flow.tell("policy.published", policy())
    decision = {"policy_id": "P-1", "revision": 1}
    status = await flow.tell("policy.released", decision, "reviewer")
    assert (status.status, "publish an interpretation first" in str(status.reason)) == ("refused", True)
    await answer(flow)
    assert (await flow.tell("policy.released", decision, "reviewer")).status == "refused"
    await interpret(flow)
    nothing_named = decision | {"explanations": []}
    assert (await flow.tell("policy.released", nothing_named, "reviewer")).status == "refused"
    status = await flow.tell("policy.released", decision, "reviewer")
    assert (status.status, status.reason) == ("accepted", None)


@pytest.mark.parametrize("way", ["alone", "with a revision"])
async def test_a_released_interpretation_settles_what_its_agency_was_asked(flow: Flow, way: str) -> None:
    await flow.campaign()
    async with flow.record.write() as conn:
        for kind in (INTERPRETATION_MISSING, "tracking:1", "other"):
            assert await open_task(conn, AGENCY, "P-1", kind, "请补充解读", NOW)
            assert not await open_task(conn, AGENCY, "P-1", kind, "请补充解读", NOW)
    await interpret(flow)
    if way == "alone":
        await decide(flow, "interpretation.released")
    else:
        await flow.campaign(title="修订后的措施")
    async with flow.record.read() as conn:
        left = {task.kind for task in await open_tasks(conn, AGENCY)}
    assert left == ({"other"} if way == "alone" else {"other", "tracking:1"})


async def test_who_publishes_a_copy_of_the_policy_is_told(flow: Flow) -> None:
    body = "一、对首次认定的高新技术企业给予一次性奖励二十万元。二、由市级财政承担，全程网上办理。"
    early = await interpret(flow, "I-0", body=body)
    assert (early.status, early.reason) == ("accepted", None)
    await flow.tell("policy.published", policy(body=body))
    assert (await interpret(flow)).reason is None
    copied = await interpret(flow, "I-2", body=body)
    assert (copied.status, "100% of it is copied" in str(copied.reason)) == ("accepted", True)


# -- what became of it -----------------------------------------------------------------------------------------------


async def test_an_amendment_and_a_repeal_reach_exactly_those_who_got_the_original(flow: Flow) -> None:
    """And, of an amendment, whom it fits now."""
    await reached(flow, "S-1", "S-2")
    await flow.announce(await flow.subscriber("S-2", criteria={}), await flow.subscriber("S-3", criteria={}))
    await flow.campaign(title="修订后的措施")
    await flow.pump()
    told = flow.channels["email"].sent[2:]
    assert {(m.subscriber_id, m.content.occasion) for m in told} == {
        ("S-1", "amendment"),
        ("S-2", "amendment"),
    }
    assert all("标题：" in (m.content.change_note or "") for m in told)
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "内部说明"})
    await flow.pump()
    told = flow.channels["email"].sent[4:]
    assert {(m.subscriber_id, m.content.occasion) for m in told} == {("S-1", "repeal"), ("S-2", "repeal")}
