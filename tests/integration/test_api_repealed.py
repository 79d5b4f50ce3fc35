"""A repealed policy over HTTP: its page stays and says so; what nobody could see before, nobody sees after."""

from typing import Any

import pytest

from tests.servers.api_world import World

HTML = {"Accept": "text/html"}
PAGE, API = "/policies/sheet/P-1", "/api/v1/policies/P-1"
SCOPE = {"subscribers": ["S-2"]}
OPEN_WINDOW = {"opens": "2026-03-01", "closes": "2026-06-30"}
STRANGERS = (None, "subscriber", "association", "other-publisher", "other-reviewer")


async def repeal(world: World, who: str = "publisher") -> None:
    """Repeal P-1 for a reason that is nobody else's business."""
    told = {"specversion": "1.0", "id": f"repeal-{who}", "source": "/tests", "type": "policy.repealed"}
    data = {"policy_id": "P-1", "reason": "内部原因"}
    answer = await world.call(who, "POST", "/api/v1/events", json=told | {"data": data})
    assert answer.status_code == 202, answer.text
    await world.work()


async def page(world: World, who: str | None, path: str = PAGE) -> Any:
    return await world.call(who, "GET", path, headers=HTML)


@pytest.mark.parametrize("who", STRANGERS)
async def test_the_page_of_a_repealed_policy_stays_and_says_so_at_its_head(
    world: World, who: str | None
) -> None:
    apply = {"apply_url": "https://example.cn/apply", "apply_window": OPEN_WINDOW}
    await world.publish("P-1", title="旧措施", **apply)
    before = (await page(world, who)).text
    for words in ("已发布", "现行有效", "前往申报", "/sheets/sheet/P-1"):
        assert words in before, words
    await repeal(world)
    answer = await page(world, who)
    assert answer.status_code == 200
    head = answer.text.partition("<h1>旧措施</h1>")[2].partition("<dl")[0]
    assert '<span class="state repealed">已废止</span>' in head
    for words in ("已发布", "现行有效", "前往申报", "/sheets/", "内部原因", "推送情况"):
        assert words not in answer.text, words


async def test_an_association_gets_a_repealed_policy_with_its_state_and_without_its_reason(
    world: World,
) -> None:
    await world.publish("P-1", title="旧措施")
    await repeal(world)
    for query in ("", "?agency=sheet", "?revision=1"):
        answer = await world.call("association", "GET", API + query)
        assert answer.status_code == 200, query
        assert (answer.json()["state"], answer.json()["title"]) == ("repealed", "旧措施")
        assert "内部原因" not in answer.text
    assert (await world.call("publisher", "GET", API)).json()["reason"] == "内部原因"


async def test_the_revision_that_had_been_released_is_shown_and_not_the_one_that_waited(world: World) -> None:
    await world.publish("P-1", title="审过的一版")
    await world.publish("P-1", release=False, title="没审过的一版")
    await repeal(world)
    for who in STRANGERS:
        shown = await page(world, who)
        assert (shown.status_code, "审过的一版" in shown.text) == (200, True), who
        assert "没审过" not in shown.text, who
        assert (await page(world, who, f"{PAGE}?revision=2")).status_code == 404, who
    assert (await world.call("association", "GET", API)).json()["revision"] == 1
    assert (await world.call("association", "GET", f"{API}?revision=2")).status_code == 404


@pytest.mark.parametrize(
    "published",
    [
        [{"release": False}],
        [{"release": False, "disclosure": "on_request"}],
        [{"audience_scope": SCOPE}],
        [{}, {"audience_scope": SCOPE}],
    ],
    ids=["waiting", "on_request", "targeted", "open first, then targeted"],
)
async def test_what_was_not_public_when_it_was_repealed_stays_hidden(
    world: World, published: list[dict[str, Any]]
) -> None:
    for revision in published:
        await world.publish("P-1", **revision)
    await repeal(world)
    assert await world.state("P-1") == "repealed"
    for who in STRANGERS:
        for query in ("", "?revision=1", f"?revision={len(published)}"):
            assert (await page(world, who, PAGE + query)).status_code == 404, (who, query)
    for query in ("", "?agency=sheet"):
        assert (await world.call("association", "GET", API + query)).status_code == 404


async def test_lists_and_the_sheet_leave_a_repealed_policy_out(world: World) -> None:
    await world.publish("P-1", title="旧措施")
    await repeal(world)
    for path in ("/", "/policies", "/policies?state=repealed"):
        assert "旧措施" not in (await page(world, None, path)).text, path
    for query in ("", "?state=repealed"):
        listed = await world.call("association", "GET", f"/api/v1/policies{query}")
        assert listed.json()["policies"] == [], query
    assert (await page(world, None, "/sheets/sheet/P-1")).status_code == 404


async def test_of_two_policies_with_one_id_the_one_that_stands_is_meant(world: World) -> None:
    await world.publish("P-1", title="旧措施")
    await world.publish("P-1", who="other-", title="另一家的措施")
    await repeal(world)
    assert (await world.call("association", "GET", API)).json()["title"] == "另一家的措施"
    assert (await world.call("association", "GET", f"{API}?agency=sheet")).json()["title"] == "旧措施"
    await repeal(world, "other-publisher")
    assert (await world.call("association", "GET", API)).status_code == 409
