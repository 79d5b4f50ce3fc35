"""Interpretations and FAQs over HTTP: what no reviewer has released is shown to nobody but the agency's staff."""

from dataclasses import replace
from typing import Any

import pytest

from tests.servers.api_world import World

PAGE = "/policies/sheet/P-1"
POLICY = "/api/v1/policies/P-1"
WORDS = "一图读懂"
STRANGERS = (None, "subscriber", "association", "other-publisher", "other-reviewer")
STAFF = ("publisher", "reviewer", "operator")


async def interpret(world: World, title: str = WORDS, who: str = "publisher", **changes: Any) -> None:
    given = {"interpretation_id": "I-1", "title": title, "body": "正文", "form": "chart"} | changes
    data = {"policy_id": "P-1", "interpretation": given}
    await tell(world, who, "interpretation.published", data)


async def answer(world: World) -> None:
    items = [{"question": "谁可申报？", "answer": "软件企业。"}]
    data = {"policy_id": "P-1", "faq": {"faq_id": "F-1", "title": "常见问题", "items": items}}
    await tell(world, "publisher", "faq.published", data)


async def tell(world: World, who: str, kind: str, data: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": f"{kind}-{len(world.log.messages)}", "source": "/tests"}
    said = await world.call(who, "POST", "/api/v1/events", json=event | {"type": kind, "data": data})
    assert said.status_code == 202, said.text
    await world.work()


async def decide(world: World, what: str, verb: str, who: str = "reviewer", **decision: Any) -> Any:
    said = await world.call(who, "POST", f"{POLICY}/{what}/{verb}", json=decision)
    await world.work()
    return said


async def shown(world: World, who: str | None) -> str:
    return (await world.call(who, "GET", PAGE)).text


async def policy(world: World, who: str) -> Any:
    return (await world.call(who, "GET", POLICY)).json()


# -- who sees what ---------------------------------------------------------------------------------------------------


async def test_what_comes_after_the_release_is_shown_to_staff_only_until_it_is_released(world: World) -> None:
    await world.publish("P-1")
    await interpret(world)
    await answer(world)
    for who in STRANGERS:
        page = await shown(world, who)
        assert (WORDS in page, "常见问题" in page) == (False, False), who
    association = await policy(world, "association")
    assert (association["interpretations"], association["faqs"]) == ([], [])
    for who in STAFF:
        assert "未经审查，不对外显示" in await shown(world, who)
    staff = await policy(world, "reviewer")
    (one,) = staff["interpretations"]
    assert (one["title"], one["reviewed"], one["state"], one["publisher"]) == (
        WORDS,
        False,
        "waiting",
        "张三",
    )
    assert staff["faqs"][0]["items"][0]["answer"] == "软件企业。"

    for what in ("interpretations/I-1", "faqs/F-1"):
        said = await decide(world, what, "release")
        assert said.status_code == 202, said.text
        status = await world.call("reviewer", "GET", said.json()["status_url"])
        assert status.json()["status"] == "accepted", status.text
    for who in STRANGERS:
        page = await shown(world, who)
        assert (WORDS in page, "谁可申报？" in page, "软件企业。" in page) == (True, True, True), who
    association = await policy(world, "association")
    assert [one["title"] for one in association["interpretations"]] == [WORDS]
    assert "publisher" not in association["interpretations"][0]


async def test_what_comes_before_or_with_the_policy_is_reviewed_with_it(world: World) -> None:
    await answer(world)
    await world.publish("P-1", release=False, interpretations=[{"title": "随文解读"}])
    await interpret(world)
    assert (await decide(world, "faqs/F-1", "release")).status_code == 409
    said = await world.call("reviewer", "POST", f"{POLICY}/release", json={})
    assert said.status_code == 202, said.text
    await world.work()
    page = await shown(world, None)
    for words in (WORDS, "随文解读", "谁可申报？"):
        assert words in page


async def test_the_same_id_again_takes_the_place_of_the_packaged_one_once_it_is_released(
    world: World,
) -> None:
    packaged = {"interpretation_id": "I-1", "title": WORDS, "body": "审查过的"}
    await world.publish("P-1", interpretations=[packaged])
    await interpret(world, body="改过的")
    assert ("审查过的" in await shown(world, None), "改过的" in await shown(world, None)) == (True, False)
    await decide(world, "interpretations/I-1", "release")
    assert ("审查过的" in await shown(world, None), "改过的" in await shown(world, None)) == (False, True)


async def test_a_refused_one_stays_in_the_house_with_its_reason(world: World) -> None:
    await world.publish("P-1")
    await interpret(world)
    assert (await decide(world, "interpretations/I-1", "refuse")).status_code == 422
    assert (await decide(world, "interpretations/I-1", "refuse", reason="与正文不符")).status_code == 202
    assert WORDS not in await shown(world, None)
    (one,) = (await policy(world, "publisher"))["interpretations"]
    assert (one["state"], one["reason"]) == ("refused", "与正文不符")
    assert "与正文不符" in await shown(world, "publisher")
    again = await decide(world, "interpretations/I-1", "release")
    assert (again.status_code, "was refused already" in again.text) == (409, True)


@pytest.mark.parametrize("who", ["publisher", "operator", "other-reviewer"])
async def test_only_a_reviewer_of_the_agency_decides(world: World, who: str) -> None:
    await world.publish("P-1")
    await interpret(world)
    said = await decide(world, "interpretations/I-1", "release", who, revision=1)
    assert said.status_code == (404 if who == "other-reviewer" else 403)
    assert WORDS not in await shown(world, None)


async def test_what_is_not_there_is_not_found(world: World) -> None:
    await world.publish("P-1")
    assert (await decide(world, "interpretations/I-9", "release")).status_code == 404
    assert (await decide(world, "poems/I-1", "release")).status_code == 422


async def test_a_copy_of_the_policy_is_marked_for_staff_only(world: World) -> None:
    body = "一、对首次认定的高新技术企业给予一次性奖励二十万元。二、由市级财政承担，全程网上办理。"
    await world.publish("P-1", body=body)
    await interpret(world, body=body)
    await decide(world, "interpretations/I-1", "release")
    assert (await policy(world, "reviewer"))["interpretations"][0]["copied"] == 1.0
    assert "摘抄原文" in await shown(world, "reviewer")
    assert "copied" not in (await policy(world, "association"))["interpretations"][0]
    assert "摘抄原文" not in await shown(world, None)


# -- rule 7 ----------------------------------------------------------------------------------------------------------


async def test_a_policy_without_its_interpretation_is_flagged_for_staff(world: World) -> None:
    await world.publish("P-1")
    assert (await policy(world, "publisher"))["interpretation"] == "missing"
    assert "尚无解读" in await shown(world, "reviewer")
    assert "interpretation" not in await policy(world, "association")
    assert "尚无解读" not in await shown(world, None)
    await interpret(world)
    await decide(world, "interpretations/I-1", "release")
    assert (await policy(world, "publisher"))["interpretation"] == "present"
    assert "尚无解读" not in await shown(world, "reviewer")


# -- the list and the figures ----------------------------------------------------------------------------------------


async def test_what_waits_is_listed_for_the_agency_s_staff(world: World) -> None:
    await answer(world)
    await world.publish("P-2")
    listed = (await world.call("reviewer", "GET", "/api/v1/explanations?state=waiting")).json()
    (one,) = listed["explanations"]
    assert {name: one[name] for name in ("kind", "id", "policy_id", "revision", "state", "policy_state")} == {
        "kind": "faq",
        "id": "F-1",
        "policy_id": "P-1",
        "revision": 1,
        "state": "waiting",
        "policy_state": None,
    }
    assert "常见问题" in (await world.call("reviewer", "GET", "/policies")).text
    assert "常见问题" not in (await world.call("other-reviewer", "GET", "/policies")).text
    assert (await world.call("other-reviewer", "GET", "/api/v1/explanations")).json()["explanations"] == []
    await world.publish("P-1")
    assert (await world.call("reviewer", "GET", "/api/v1/explanations?state=waiting")).json() == {
        "explanations": [],
        "next": None,
    }


async def test_the_list_goes_on_where_a_page_ends(world: World) -> None:
    for number in range(5):
        await interpret(world, interpretation_id=f"I-{number}")
    seen, after = [], ""
    while after is not None:
        answer = await world.call("operator", "GET", f"/api/v1/explanations?limit=2{after}")
        listed = answer.json()
        seen += [one["id"] for one in listed["explanations"]]
        after = f"&after={listed['next'].replace('+', '%2B')}" if listed["next"] else None
    assert seen == [f"I-{number}" for number in reversed(range(5))]
    assert (await world.call("operator", "GET", "/api/v1/explanations?after=x")).status_code == 422


async def test_the_figures_count_what_must_be_interpreted_and_is(world: World) -> None:
    await world.publish("P-1", interpretations=[{"title": "随文解读", "form": "video"}])
    await world.publish("P-2")
    await world.publish("P-3", kind="notice")
    await world.publish("P-4", kind="call", doc_number="示经信规〔2026〕1号")
    await world.publish("P-5", kind="notice", body="正文。\n行政规范性文件编号：示2026-007")
    await world.publish("P-6", release=False)
    await world.publish("P-7", who="other-")
    await tell(
        world,
        "publisher",
        "interpretation.published",
        {"policy_id": "P-4", "interpretation": {"title": "文字"}},
    )
    item = (await world.call("reviewer", "GET", "/api/v1/policies/P-4")).json()["interpretations"][0]
    path = f"/api/v1/policies/P-4/interpretations/{item['interpretation_id']}/release"
    assert (await world.call("reviewer", "POST", path)).status_code == 202
    await world.work()
    figures = (await world.call("publisher", "GET", "/api/v1/figures")).json()
    assert figures["agency_id"] == "sheet"
    told = figures["interpretation"]
    assert {one["policy_id"] for one in told.pop("missing")} == {"P-2", "P-5"}
    assert told == {
        "must_be_interpreted": 4,
        "interpreted": 2,
        "rate": 0.5,
        "rate_goal": 1.0,
        "interpretations": 2,
        "beyond_text": 1,
        "beyond_text_share": 0.5,
        "beyond_text_goal": 0.6,
    }
    everybody = (await world.call("operator", "GET", "/api/v1/figures")).json()
    assert (everybody["agency_id"], everybody["interpretation"]["must_be_interpreted"]) == (None, 5)
    other = (await world.call("operator", "GET", "/api/v1/figures?agency=other")).json()
    assert other["interpretation"]["rate"] == 0.0
    assert (await world.call("publisher", "GET", "/api/v1/figures?agency=other")).status_code == 404
    assert "解读率 50.0%" in (await world.call("publisher", "GET", "/policies")).text


# -- the reviewer's page ---------------------------------------------------------------------------------------------


async def test_the_reviewer_s_button_releases_what_was_on_the_page_and_nothing_that_came_after(
    world: World,
) -> None:
    await world.publish("P-1", release=False)
    await interpret(world)
    page = await shown(world, "reviewer")
    assert 'name="explanation" value="interpretation:I-1:1"' in page
    await interpret(world, "没看过的解读", interpretation_id="I-2")
    form = {"revision": "1", "explanation": "interpretation:I-1:1"}
    said = await world.call("reviewer", "POST", f"{PAGE}/release", data=form)
    assert said.status_code == 303, said.text
    await world.work()
    page = await shown(world, None)
    assert (WORDS in page, "没看过的解读" in page) == (True, False)


async def test_the_reviewer_decides_on_an_item_by_its_buttons(world: World) -> None:
    await world.publish("P-1")
    await interpret(world)
    assert f"{PAGE}/interpretations/I-1/release" in await shown(world, "reviewer")
    assert f"{PAGE}/interpretations/I-1/release" not in await shown(world, "publisher")
    refuse = f"{PAGE}/interpretations/I-1/refuse"
    assert (await world.call("reviewer", "POST", refuse, data={"revision": "1"})).status_code == 422
    said = await world.call("reviewer", "POST", f"{PAGE}/interpretations/I-1/release", data={"revision": "1"})
    assert (said.status_code, said.headers["location"]) == (303, f"{PAGE}?said=item-released")
    await world.work()
    assert WORDS in await shown(world, None)
    assert "已记录" in (await world.call("reviewer", "GET", f"{PAGE}?said=item-released")).text


async def test_where_the_office_says_so_the_release_is_refused_with_what_to_do(world: World) -> None:
    hold = replace(world.house, settings=world.house.settings.model_copy(update={"uninterpreted": "hold"}))
    world.app.state.house = hold
    await world.publish("P-1", release=False)
    said = await world.call("reviewer", "POST", f"{POLICY}/release", json={})
    assert (said.status_code, "publish an interpretation first" in said.json()["detail"]) == (409, True)
    await interpret(world)
    assert (await world.call("reviewer", "POST", f"{POLICY}/release", json={})).status_code == 202
