"""Trying out a subscription over HTTP and on the pages: what it would have brought in the last 90 days."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import campaigns, policy_revisions
from service.trying import TRIES
from streams.campaigns.occurrences import POLICY
from streams.campaigns.record import open_campaign
from streams.latecomers.recent import Recent
from streams.policies import find_policy
from streams.policies.revisions import repeal
from subscribers.words import plainly
from tests.servers.api_world import NOW, ORIGIN, World, event

URL = "/api/v1/criteria/preview"
SOFTWARE = {"criteria": {"any": [{"all": [{"industry": "I65"}]}]}}
ASKING = "一、申报条件\n（一）从业人员20人以上；\n二、其他\n支持软件和信息技术服务业。\n"


async def push(world: World, policy_id: str, **changes: Any) -> None:
    """Publish, release and open the campaign, as the worker does."""
    await world.publish(policy_id, **changes)
    async with world.house.record.write() as conn:
        view = await find_policy(conn, "sheet", policy_id)
        assert view is not None
        labels = [str(label) for label in view.labels]
        key = view.agency_id, view.policy_id, view.revision, POLICY
        await open_campaign(conn, *key, labels=labels, shards=4, now=world.clock.now())


async def ask(world: World, given: Any) -> dict[str, Any]:
    answer = await world.call(None, "POST", URL, json=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_would_have_come_is_told_with_dates_and_reasons(world: World) -> None:
    await push(world, "P-1")
    world.clock.advance(timedelta(hours=1))
    await push(world, "P-2", title="办公时间的通告", body="办公时间调整。")
    found = await ask(world, SOFTWARE)
    (one,) = found.pop("policies")
    assert found == {"days": 90, "looked_at": 2, "complete": True, "matched": 1}
    assert one["policy_id"] == "P-1"
    assert (one["agency_id"], one["revision"], one["at"]) == ("sheet", 1, "2026-03-02T04:00:00.000Z")
    assert one["title"] == "关于支持软件产业发展的若干措施"
    assert (one["labels"], one["reasons"]) == (["industry:I65"], ["行业：软件和信息技术服务业"])
    assert (await ask(world, {"criteria": {"keywords": ["办公时间"]}}))["policies"][0]["reasons"] == [
        "关键词：办公时间"
    ]


async def test_ten_are_shown_newest_first_and_all_are_counted(world: World) -> None:
    for number in range(12):
        await push(world, f"P-{number}")
        world.clock.advance(timedelta(minutes=1))
    found = await ask(world, SOFTWARE)
    assert found["matched"] == 12
    assert [one["policy_id"] for one in found["policies"]] == [f"P-{number}" for number in range(11, 1, -1)]


async def test_only_what_everybody_may_know_and_what_still_stands_is_looked_at(world: World) -> None:
    await push(world, "P-open")
    await push(world, "P-targeted", audience_scope={"subscribers": ["S-1"]})
    await push(world, "P-repealed")
    await world.publish("P-waits", release=False)
    assert (await ask(world, SOFTWARE))["looked_at"] == 2
    async with world.house.record.write() as conn:
        await repeal(conn, "sheet", "P-repealed", reason=None, now=NOW)
    found = await ask(world, SOFTWARE)
    assert ([one["policy_id"] for one in found["policies"]], found["looked_at"]) == (["P-open"], 1)


async def test_what_had_ended_when_it_was_released_came_to_nobody(world: World) -> None:
    day = (world.clock.now() - timedelta(days=2)).date().isoformat()
    await push(world, "P-late", apply_window={"opens": None, "closes": day})
    await push(world, "P-old", valid_until=day)
    await push(world, "P-open")
    found = await ask(world, SOFTWARE)
    assert [one["policy_id"] for one in found["policies"]] == ["P-open"]


async def test_a_new_revision_takes_the_place_of_the_old_one(world: World) -> None:
    await push(world, "P-1")
    assert (await ask(world, SOFTWARE))["matched"] == 1
    await push(world, "P-1", title="修订", body="办公时间调整。", revision=2)
    found = await ask(world, SOFTWARE)
    assert (found["looked_at"], found["matched"]) == (1, 0)


async def test_what_is_older_than_ninety_days_does_not_count(world: World) -> None:
    await push(world, "P-1")
    world.clock.advance(timedelta(days=89))
    assert (await ask(world, SOFTWARE))["matched"] == 1
    world.clock.advance(timedelta(days=2))
    assert (await ask(world, SOFTWARE))["looked_at"] == 0


async def test_a_policy_that_asks_for_more_people_is_not_for_a_small_firm(world: World) -> None:
    await push(world, "P-1", body=ASKING)
    async with world.house.record.read() as conn:
        view = await find_policy(conn, "sheet", "P-1")
    assert view is not None
    assert [fact.value["field"] for fact in view.facts if fact.name == "conditions"] == ["employees"]
    assert (await ask(world, {"profile": {"staff": 20}}))["matched"] == 1
    assert (await ask(world, {"profile": {"staff": 19}}))["matched"] == 0
    assert (await ask(world, {"profile": {}}))["matched"] == 1
    about = SOFTWARE["criteria"] | {"profile": {"staff": {"max": 19}}}
    assert (await ask(world, {"criteria": about}))["matched"] == 0
    assert (await ask(world, {"kind": "social-org", "profile": {"staff": 20}}))["matched"] in (0, 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "give criteria"),
        ({"criteria": {"any": [{"all": [{"region": "上海"}]}]}}, "did you mean 310000 (上海市)?"),
        (
            {"criteria": {"keywords": ["软件"], "profile": {"staff": {"min": 5, "max": 3}}}},
            "min (5) lies after max (3)",
        ),
        ({"weather": 1}, "weather"),
    ],
)
async def test_wrong_criteria_are_told_what_is_wrong(world: World, given: Any, told: str) -> None:
    answer = await world.call(None, "POST", URL, json=given)
    assert answer.status_code == 422
    assert told in answer.text


SHANGHAI = "unknown code region:上海, did you mean 310000 (上海市)?"
SAY = "say what you want to hear about: one condition in any, or a keyword"


@pytest.mark.parametrize(
    ("criteria", "told"),
    [
        ({"any": [{"all": [{"region": "上海"}]}]}, {"any.0.all.0.region.0": SHANGHAI}),
        ({"any": [{"all": [{"region": ["上海", "x"]}]}, {"all": []}]}, {"any.0.all.0.region.0": SHANGHAI}),
        ({}, {"": SAY}),
        ({"not": [{"industry": "K"}]}, {"": f'{SAY}; "not" alone would only narrow it'}),
        (
            {"any": {}, "keywords": ["甲"]},
            {"any": "write a list: […]", "keywords.0": "write at least 2 characters"},
        ),
        ([], {"": "write an object: {…}"}),
    ],
)
async def test_each_wrong_field_is_told_once_and_in_plain_words(
    world: World, criteria: Any, told: dict[str, str]
) -> None:
    preview = await world.call(None, "POST", URL, json={"criteria": criteria})
    put = await world.call(
        "operator",
        "PUT",
        "/api/v1/subscribers/S-1/subscriptions",
        json={"subscriptions": [{"name": "一", "criteria": criteria}]},
    )
    for answer, where in ((preview, "criteria"), (put, "subscriptions.0.criteria")):
        wrong = [
            {"field": f"{where}.{field}" if field else where, "message": words}
            for field, words in told.items()
        ]
        problem = answer.json()
        assert (answer.status_code, problem["errors"]) == (422, wrong)
        assert problem["detail"] == "; ".join(f"{one['field']}: {one['message']}" for one in wrong)


async def test_of_many_wrong_codes_in_a_request_one_is_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(plainly, "unknown_code", lambda _, code: [asked.append(code), SHANGHAI][1])
    wish = {"name": "一", "criteria": {"any": [{"all": [{"region": "上海"}]}]}}
    path = "/api/v1/subscribers/S-1/subscriptions"
    answer = await world.call("operator", "PUT", path, json={"subscriptions": [wish] * 3})
    assert asked == ["上海"]
    plain = "unknown code region:上海"
    assert [one["message"] for one in answer.json()["errors"]] == [SHANGHAI, plain, plain]


async def test_what_is_asked_for_wrongly_in_an_address_is_told_in_plain_words(world: World) -> None:
    answer = await world.call("publisher", "GET", "/api/v1/policies", params={"limit": "many"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "limit", "message": "write a whole number"}]


async def test_a_label_in_another_form_is_told_the_nearest_one_by_every_route(world: World) -> None:
    words = "region:上海 is no label: write dimension:code, did you mean region:310000 (上海市)?"
    sent = event("P-1", labels=["region:上海"])
    for path, body in (("/api/v1/events", sent), ("/api/v1/policies/preview", sent["data"])):
        answer = await world.call("publisher", "POST", path, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"field": "labels.0", "message": words}], path


async def test_who_tries_too_often_must_wait(world: World) -> None:
    codes = [(await world.call(None, "POST", URL, json=SOFTWARE)).status_code for _ in range(TRIES.most + 1)]
    assert codes == [200] * TRIES.most + [429]


async def test_more_than_is_kept_is_told(world: World) -> None:
    for number in range(4):
        await push(world, f"P-{number}")
        world.clock.advance(timedelta(minutes=1))
    world.app.state.recent = Recent(most_policies=3)
    found = await ask(world, SOFTWARE)
    assert (found["looked_at"], found["complete"]) == (3, False)
    assert [one["policy_id"] for one in found["policies"]] == ["P-3", "P-2", "P-1"]
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
        shown = await browser.post("/join", data={"try": "yes", "wish_industry": "I65"})
        assert "政策太多，只查了最近的一部分" in shown.text
    world.app.state.recent = Recent(most_characters=1)
    assert (await ask(world, SOFTWARE))["complete"] is True, "a part that has begun is kept whole"


async def test_what_is_known_is_not_read_again(world: World) -> None:
    await push(world, "P-1")
    await ask(world, SOFTWARE)
    async with world.house.record.write() as conn:
        await conn.execute(policy_revisions.update().values(body="办公时间调整。"))
    assert (await ask(world, {"criteria": {"keywords": ["软件和信息"]}}))["matched"] == 1
    async with world.house.record.read() as conn:
        assert len((await conn.execute(select(campaigns.c.campaign_id))).all()) == 1


async def test_the_sign_up_form_shows_what_would_come_and_keeps_nothing(world: World) -> None:
    await push(world, "P-1")
    form = {"try": "yes", "region": "上海市", "wish_industry": "I65", "name": "甲公司"}
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
        assert 'name="try"' in (await browser.get("/join")).text
        shown = await browser.post("/join", data=form)
        assert shown.status_code == 200
        assert "近 90 天您会收到 1 条" in shown.text
        assert "关于支持软件产业发展的若干措施" in shown.text
        assert "行业：软件和信息技术服务业" in shown.text
        assert "2026年3月2日" in shown.text
        assert 'value="甲公司"' in shown.text, "what was typed is still there"
        nothing = await browser.post("/join", data=form | {"wish_industry": "A", "profile_matching": "no"})
        assert "近 90 天您会收到 0 条（共公开发布 1 条）" in nothing.text
        wrong = await browser.post("/join", data=form | {"staff": "许多"})
        assert wrong.status_code == 422
        assert "职工人数应为整数" in wrong.text
    assert world.log.on("subscription.changes") == []
