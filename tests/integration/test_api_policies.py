"""Policies over HTTP: who sees which, and the reviewer's word."""

from typing import Any

import pytest

from config.database.schema import previews
from streams.names import POLICY_EVENTS, PREVIEW_TASKS
from tests.servers.api_world import BODY, World
from tests.support.previews import counted

SCOPE = {"subscribers": ["S-1"]}


def ids(answer: Any) -> list[str]:
    return [policy["policy_id"] for policy in answer.json()["policies"]]


async def test_a_policy_is_shown_with_labels_and_the_words_that_prove_them(world: World) -> None:
    await world.publish("P-1")
    policy = (await world.call("publisher", "GET", "/api/v1/policies/P-1")).json()
    assert (policy["state"], policy["revision"], policy["body"]) == ("released", 1, BODY)
    label = next(label for label in policy["labels"] if label["code"] == "I65")
    assert BODY[label["start"] : label["end"]] == label["quote"] != ""
    assert (label["dimension"], label["name"], label["origin"]) == (
        "industry",
        "软件和信息技术服务业",
        "rule",
    )
    assert set(label) == {"dimension", "code", "name", "start", "end", "quote", "rule", "weight", "origin"}
    await world.publish("P-2", labels=["industry:C39"])
    labels = (await world.call("publisher", "GET", "/api/v1/policies/P-2")).json()["labels"]
    assert [label["origin"] for label in labels if label["code"] == "C39"] == ["publisher"]


async def test_each_sees_what_it_may(world: World) -> None:
    await world.publish("OPEN")
    await world.publish("TARGETED", audience_scope=SCOPE)
    await world.publish("WAITS", release=False)
    await world.publish("CLOSED", release=False, disclosure="on_request")
    await world.publish("FOREIGN", who="other-")
    own = {"OPEN", "TARGETED", "WAITS", "CLOSED"}
    for who, wanted in (
        ("publisher", own),
        ("reviewer", own),
        ("operator", own | {"FOREIGN"}),
        ("other-publisher", {"FOREIGN"}),
        ("association", {"OPEN", "FOREIGN"}),
    ):
        assert set(ids(await world.call(who, "GET", "/api/v1/policies"))) == wanted, who
        for policy_id in own | {"FOREIGN"}:
            status = (await world.call(who, "GET", f"/api/v1/policies/{policy_id}")).status_code
            assert status == (200 if policy_id in wanted else 404), (who, policy_id)


@pytest.mark.parametrize("rest", ["funnel", "deliveries", "campaign/stop", "campaign/resume"])
async def test_a_foreign_policy_is_not_there(world: World, rest: str) -> None:
    await world.publish("P-1")
    method = "POST" if "campaign" in rest else "GET"
    given = {"json": {"reason": "x"}} if method == "POST" else {}
    answer = await world.call("other-publisher", method, f"/api/v1/policies/P-1/{rest}", **given)
    assert answer.status_code == 404
    asked = await world.call("other-publisher", method, f"/api/v1/policies/P-1/{rest}?agency=sheet", **given)
    assert asked.status_code == 404


async def test_a_revision_that_there_is_not_is_told_apart_from_a_policy_that_there_is_not(
    world: World,
) -> None:
    await world.publish("P-1", release=False)
    for path, what in (("P-1?revision=7", "revision 7 of policy P-1"), ("P-2", "policy P-2")):
        answer = await world.call("reviewer", "GET", f"/api/v1/policies/{path}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"{what} does not exist, or you may not see it"


async def test_an_association_never_learns_who_was_meant_or_who_decided(world: World) -> None:
    await world.publish("P-1")
    policy = (await world.call("association", "GET", "/api/v1/policies/P-1")).json()
    assert {"publisher", "decided_by", "source", "event_id", "audience_scope"}.isdisjoint(policy)


async def test_the_released_revision_stays_public_while_its_successor_waits(world: World) -> None:
    await world.publish("P-1", title="第一版")
    await world.publish("P-1", release=False, title="第二版")
    assert (await world.call("association", "GET", "/api/v1/policies/P-1")).json()["title"] == "第一版"
    assert (await world.call("publisher", "GET", "/api/v1/policies/P-1")).json()["title"] == "第二版"
    waiting = await world.call("association", "GET", "/api/v1/policies/P-1?revision=2")
    assert waiting.status_code == 404
    listed = (await world.call("association", "GET", "/api/v1/policies")).json()["policies"]
    assert [policy["title"] for policy in listed] == ["第一版"]


async def test_where_two_agencies_have_the_id_the_operator_must_name_one(world: World) -> None:
    await world.publish("P-1")
    await world.publish("P-1", who="other-")
    answer = await world.call("operator", "GET", "/api/v1/policies/P-1")
    assert answer.status_code == 409
    assert "agency" in answer.json()["detail"]
    named = await world.call("operator", "GET", "/api/v1/policies/P-1?agency=other")
    assert named.json()["agency_id"] == "other"


async def test_a_list_goes_on_where_it_stopped(world: World) -> None:
    for number in range(5):
        await world.publish(f"P-{number}", release=False)
    seen, following = [], ""
    for _ in range(3):
        path = f"/api/v1/policies?limit=2{following}"
        answer = await world.call("publisher", "GET", path)
        seen += ids(answer)
        following = f"&after={answer.json()['next']}".replace("+", "%2B")
    assert (sorted(seen), len(seen)) == ([f"P-{number}" for number in range(5)], 5)
    assert answer.json()["next"] is None


@pytest.mark.parametrize(
    "query", ["after=nonsense", "after=a|b|c", "after=2026-01-01|a|b", "state=odd", "limit=0", "limit=x"]
)
async def test_a_wrong_query_is_refused_by_name(world: World, query: str) -> None:
    answer = await world.call("publisher", "GET", f"/api/v1/policies?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


async def test_a_release_is_an_event_of_the_reviewer(world: World) -> None:
    await world.publish("P-1", release=False)
    answer = await world.call("reviewer", "POST", "/api/v1/policies/P-1/release")
    assert answer.status_code == 202
    said = world.log.on(POLICY_EVENTS)[-1]
    assert (said["type"], said["source"]) == ("policy.released", "/agencies/sheet/reviewers")
    assert said["data"] == {"policy_id": "P-1", "revision": 1}
    await world.work()
    assert await world.state("P-1") == "released"
    status = (await world.call("reviewer", "GET", answer.json()["status_url"])).json()
    assert status["status"] == "accepted"


async def test_who_published_cannot_release_even_with_a_reviewers_key(world: World) -> None:
    bound = {"role": "reviewer", "holder": " 张三 ", "agency_id": "sheet"}
    made = await world.call("operator", "POST", "/api/v1/keys", json=bound)
    world.keys["twin"] = made.json()["key"]
    await world.publish("P-1", release=False)
    answer = await world.call("twin", "POST", "/api/v1/policies/P-1/release", json={})
    assert answer.status_code == 403
    assert await world.state("P-1") == "waiting"


async def test_what_is_not_open_cannot_be_released(world: World) -> None:
    await world.publish("P-1", release=False, disclosure="withheld")
    assert (await world.call("reviewer", "POST", "/api/v1/policies/P-1/release")).status_code == 403


async def test_a_refusal_needs_its_reason_and_shows_it(world: World) -> None:
    await world.publish("P-1", release=False)
    path = "/api/v1/policies/P-1/refuse"
    bare = await world.call("reviewer", "POST", path, json={})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "reason")
    assert (await world.call("reviewer", "POST", path, json={"reason": "依据不足"})).status_code == 202
    await world.work()
    policy = (await world.call("publisher", "GET", "/api/v1/policies/P-1")).json()
    assert (policy["state"], policy["reason"]) == ("refused", "依据不足")


async def test_what_was_decided_cannot_be_decided_again(world: World) -> None:
    await world.publish("P-1")
    answer = await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})
    assert answer.status_code == 409
    stale = await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={"revision": 9})
    assert stale.status_code == 404


async def test_labels_can_be_corrected_before_the_release(world: World) -> None:
    await world.publish("P-1", release=False)
    path = "/api/v1/policies/P-1/labels"
    change = {"revision": 1, "add": ["industry:C39"], "remove": ["industry:I65"]}
    assert (await world.call("reviewer", "PUT", path, json=change)).status_code == 202
    await world.work()
    policy = (await world.call("reviewer", "GET", "/api/v1/policies/P-1")).json()
    labels = {f"{label['dimension']}:{label['code']}": label["origin"] for label in policy["labels"]}
    assert labels["industry:C39"] == "reviewer"
    assert "industry:I65" not in labels


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"revision": 1},
        {"revision": 0, "add": ["industry:C39"]},
        {"revision": 1, "add": ["industry"]},
        {"revision": 1, "add": ["industry:NO-SUCH"]},
        {"revision": 1, "add": "industry:C39"},
        {"revision": 1, "add": ["industry:C39"], "colour": "red"},
    ],
)
async def test_wrong_corrections_are_refused(world: World, change: dict[str, Any]) -> None:
    await world.publish("P-1", release=False)
    answer = await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=change)
    assert answer.status_code == 422


async def test_a_preview_asks_every_shard_and_says_when_they_are_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.previews.PREVIEW_TIMEOUT_S", 0.1)
    data = dict.fromkeys(("policy_id", "title", "issuer", "body"), "x")
    data |= {"publish_date": "2026-03-01", "disclosure": "open"}
    answer = await world.call("publisher", "POST", "/api/v1/policies/preview", json=data)
    assert answer.status_code == 503
    assert len(world.log.on(PREVIEW_TASKS)) == world.house.settings.shards


async def test_a_preview_adds_up_what_the_shards_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shards_answer(preview_id: str, shards: int) -> None:
        result = counted(2, by_channel={"space": 2, "email": 1})
        async with world.house.record.write() as conn:
            await conn.execute(previews.update().values(result=result))

    monkeypatch.setattr(world.house.log, "ask_preview", shards_answer)
    data = {"policy_id": "NEW", "title": "x", "issuer": "x", "body": BODY, "publish_date": "2026-03-01"}
    path = "/api/v1/policies/preview"
    own = await world.call("publisher", "POST", path, json=data | {"disclosure": "open"})
    assert (own.json()["matched"], own.json()["by_channel"]) == (8, {"email": 4, "space": 8})
    assert all({"dimension", "code", "name"} <= set(label) for label in own.json()["labels"])
    assert own.json()["labels"]
    await world.publish("NEW", release=False)
    foreign = await world.call("other-publisher", "POST", path, json=data | {"disclosure": "open"})
    assert foreign.json()["by_channel"] == {"email": "<5", "space": "≥5"}


async def test_a_preview_of_wrong_data_names_the_field(world: World) -> None:
    answer = await world.call(
        "publisher", "POST", "/api/v1/policies/preview", json={"policy_id": "P", "odd": 1}
    )
    assert answer.status_code == 422
    assert {"title", "odd"} <= {error["field"] for error in answer.json()["errors"]}


async def test_the_funnel_of_a_policy_without_a_campaign_has_no_rates(world: World) -> None:
    await world.publish("P-1", release=False)
    funnel = (await world.call("operator", "GET", "/api/v1/policies/P-1/funnel")).json()
    assert (funnel["matched"], funnel["reach_rate"], funnel["complete"]) == (0, None, False)
    assert (await world.call("publisher", "GET", "/api/v1/policies/P-1/funnel?revision=7")).status_code == 404


async def test_a_reviewer_sees_whom_a_waiting_policy_would_reach(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shards_answer(preview_id: str, shards: int) -> None:
        async with world.house.record.write() as conn:
            asked = [row.tokens for row in await conn.execute(previews.select())]
            labels.append(set(asked[0]["labels"]))
            sample = {"subscriber_id": "S-9", "reasons": [{"subscription": None, "labels": ["industry:C39"]}]}
            held = {"quiet_hours": {"email": 1}, "no_consent": {"email": 2}}
            waits = {"credit_codes": 2, "memberships": 1}
            result = counted(3, by_region={"310118": 3}, held_back=held, unconfirmed=waits, samples=[sample])
            await conn.execute(previews.update().values(result=result))

    labels: list[set[str]] = []
    monkeypatch.setattr(world.house.log, "ask_preview", shards_answer)
    await world.publish("P-1", release=False)
    change = {"revision": 1, "add": ["industry:C39"], "remove": ["industry:I65"]}
    assert (
        await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=change)
    ).status_code == 202
    await world.work()
    found = (await world.call("reviewer", "GET", "/api/v1/policies/P-1/audience")).json()
    assert (found["matched"], found["held_back"]["no_consent"]) == (12, {"email": 8})
    assert "industry:C39" in labels[0]
    assert "industry:I65" not in labels[0]
    page = (await world.call("reviewer", "GET", "/policies/sheet/P-1/audience")).text
    for words in (
        "12",
        "未同意接收，不发",
        "等到免打扰时段结束",
        "S-9",
        "登记信息",
        "通信和其他电子设备制造业",
        "自己填写的统一社会信用代码尚未核实的 8 家",
        "自己加入协会尚未核实的 4 家",
    ):
        assert words in page
    own = (await world.call("reviewer", "GET", "/policies/sheet/P-1")).text
    assert "/policies/sheet/P-1/audience?revision=1" in own
    for who, path in (
        ("other-publisher", "/api/v1/policies/P-1/audience"),
        ("other-publisher", "/policies/sheet/P-1/audience"),
        ("reviewer", "/api/v1/policies/NONE/audience"),
        ("reviewer", "/api/v1/policies/P-1/audience?revision=9"),
    ):
        assert (await world.call(who, "GET", path)).status_code == 404
    assert (await world.call("operator", "GET", "/api/v1/policies/P-1/audience")).status_code == 403
