"""A label that a reviewer took away is shown to staff as such, and one button on the page brings it back."""

import re
from typing import Any

import pytest

from tests.integration.test_api_corrections import BODY, PATH, origins, view_of
from tests.integration.test_api_pages import browser
from tests.servers.api_world import World

PAGE = "/policies/sheet/P-1"
LABEL = "qualification:high-tech"
QUOTE = "对高新技术企业给予奖励"
ROW = re.compile(
    rf'<del class="label">高新技术企业</del>\s*<q>{QUOTE}</q>\s*<span class="origin">审查人已去掉</span>'
)


async def sent(world: World, **form: str) -> Any:
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data={"revision": "1", **form})
    await world.work()
    return answer


async def answered(world: World, who: str) -> dict[str, Any]:
    answer = await world.call(who, "GET", "/api/v1/policies/P-1", params={"agency": "sheet"})
    assert answer.status_code == 200, answer.text
    whole: dict[str, Any] = answer.json()
    return whole


async def test_the_answer_has_what_was_taken_away_apart_from_the_labels(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[])
    (before,) = [one for one in (await answered(world, "reviewer"))["labels"] if one["code"] == "high-tech"]
    await sent(world, remove=LABEL)
    for who in ("reviewer", "publisher", "operator"):
        after = await answered(world, who)
        assert "high-tech" not in {one["code"] for one in after["labels"]}
        assert after["labels_taken_away"] == [before]
    assert (before["name"], before["quote"], before["origin"]) == ("高新技术企业", QUOTE, "rule")


async def test_an_association_and_the_public_see_only_what_stands(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[])
    await sent(world, remove=LABEL)
    await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})
    await world.work()
    assert "labels_taken_away" not in await answered(world, "association")
    page = (await world.call(None, "GET", PAGE, headers={"Accept": "text/html"})).text
    assert "审查人已去掉" not in page
    async with browser(world, "publisher") as client:
        assert ROW.search((await client.get(PAGE)).text)


async def test_the_page_names_it_and_brings_it_back_with_its_words(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[])
    await sent(world, remove=LABEL)
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert ROW.search(page)
    assert f'name="label_back" value="{LABEL}" aria-label="恢复：高新技术企业"' in page
    form = page[page.index(f'action="{PATH}') :]
    assert form.index("保存更正</button>") < form.index('name="label_back"'), (
        "a form's first button is pressed"
    )
    assert (await sent(world, label_back=LABEL, add="老年人")).status_code == 303
    view = await view_of(world)
    (label,) = [one for one in view.labels if str(one) == LABEL]
    assert (label.quote, label.origin, view.taken_away) == (QUOTE, "reviewer", ())
    assert origins(view, "group") == {"elderly": "reviewer"}, "what else was typed, too"
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert "审查人已去掉" not in page
    assert f"<q>{QUOTE}</q>" in page


@pytest.mark.parametrize("label", [LABEL, "qualification:srdi", "nonsense"])
async def test_what_is_not_taken_away_any_more_is_told(world: World, label: str) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[])
    answer = await sent(world, label_back=label)
    assert answer.status_code == 422
    assert "可能已由其他审查人恢复" in answer.text
    assert origins(await view_of(world), "qualification") == {"high-tech": "rule"}


async def test_a_new_revision_is_read_anew(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[])
    await sent(world, remove=LABEL)
    await world.publish("P-1", release=False, body=BODY, labels=[], revision=2)
    view = await view_of(world)
    assert (view.revision, view.taken_away) == (2, ())
    assert origins(view, "qualification") == {"high-tech": "rule"}
