"""Interpretations: what no reviewer has seen is shown to nobody but the agency's staff."""

from typing import Any

from tests.servers.api_world import World

PAGE = "/policies/sheet/P-1"
WORDS = "一图读懂"


async def interpret(world: World, title: str = WORDS) -> None:
    data = {"policy_id": "P-1", "interpretation": {"title": title, "body": "正文"}}
    event: dict[str, Any] = {"specversion": "1.0", "id": f"i-{title}", "source": "/tests", "data": data}
    answer = await world.call(
        "publisher", "POST", "/api/v1/events", json=event | {"type": "interpretation.published"}
    )
    assert answer.status_code == 202, answer.text
    await world.work()


async def test_one_that_comes_after_the_release_is_shown_to_staff_only(world: World) -> None:
    await world.publish("P-1")
    await interpret(world)
    for who in (None, "subscriber", "association", "other-publisher"):
        assert WORDS not in (await world.call(who, "GET", PAGE)).text, who
    assert (await world.call("association", "GET", "/api/v1/policies/P-1")).json()["interpretations"] == []
    for who in ("publisher", "reviewer", "operator"):
        page = (await world.call(who, "GET", PAGE)).text
        assert WORDS in page
        assert "未经审查，不对外显示" in page
    shown = (await world.call("reviewer", "GET", "/api/v1/policies/P-1")).json()["interpretations"]
    assert [(one["title"], one["reviewed"]) for one in shown] == [(WORDS, False)]


async def test_one_that_comes_with_or_before_the_release_is_reviewed_with_the_policy(world: World) -> None:
    await world.publish("P-1", release=False, interpretations=[{"title": "随文解读"}])
    await interpret(world)
    answer = await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})
    assert answer.status_code == 202, answer.text
    await world.work()
    page = (await world.call(None, "GET", PAGE)).text
    assert WORDS in page
    assert "随文解读" in page


async def test_the_same_one_again_after_the_release_takes_the_place_of_the_reviewed_one(world: World) -> None:
    await world.publish("P-1", interpretations=[{"title": WORDS, "body": "审查过的"}])
    assert "审查过的" in (await world.call(None, "GET", PAGE)).text
    await interpret(world)
    assert WORDS not in (await world.call(None, "GET", PAGE)).text
