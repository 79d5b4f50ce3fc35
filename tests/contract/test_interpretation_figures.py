"""The interpretation rate and the list of items, the same on both databases; the rate agrees with the pure rule."""

from datetime import timedelta
from typing import Any

from streams.explanations.owed import must
from streams.explanations.rates import InterpretationFigures, interpretation_figures
from streams.explanations.record import Explanation, list_items
from streams.explanations.rules import NORMATIVE_WORDS
from streams.policies import find_policy
from tests.support.flow import AGENCY, Flow, policy

PAPERS: dict[str, dict[str, Any]] = {
    "measure": {"interpretations": [{"title": "随文解读", "form": "video"}, {"title": "再读"}]},
    "bare-measure": {},
    "notice": {"kind": "notice"},
    "mention": {"kind": "notice", "body": "此前印发的规范性文件与本通知不一致的，以本通知为准。"},
    "numbered-call": {"kind": "call", "doc_number": "示经信规〔2026〕1号"},
    "plain-call": {"kind": "call", "doc_number": "示经信〔2026〕2号"},
    "draft": {"kind": "consultation", "doc_number": "示经信规〔2026〕3号", "body": "本规范性文件征求意见。"},
    **{
        f"says-so-{number}": {"kind": "notice", "body": f"正文。{words}：示2026-007"}
        for number, words in enumerate(NORMATIVE_WORDS)
    },
}


async def figures(flow: Flow, agency: str | None = AGENCY) -> InterpretationFigures:
    async with flow.record.read() as conn:
        return await interpretation_figures(conn, agency)


async def publish(flow: Flow, policy_id: str, **changes: Any) -> None:
    await flow.tell("policy.published", policy(policy_id, **changes))
    await flow.release(policy_id)


async def explain(flow: Flow, policy_id: str, item_id: str, form: str, *, release: bool = True) -> None:
    item = {"interpretation_id": item_id, "title": "解", "form": form}
    await flow.tell("interpretation.published", {"policy_id": policy_id, "interpretation": item})
    if release:
        decision = {"policy_id": policy_id, "id": item_id, "revision": 1}
        status = await flow.tell("interpretation.released", decision, "reviewer")
        assert status.status == "accepted", status.reason


async def test_an_office_without_policies_has_no_rates(flow: Flow) -> None:
    found = await figures(flow)
    assert (found.must_be_interpreted, found.rate, found.beyond_text_share) == (0, None, None)


async def test_the_record_s_question_is_the_pure_rule(flow: Flow) -> None:
    wanted = set()
    for policy_id, changes in PAPERS.items():
        await publish(flow, policy_id, **changes)
        async with flow.record.read() as conn:
            view = await find_policy(conn, AGENCY, policy_id)
        assert view is not None
        if must(view):
            wanted.add(policy_id)
    assert wanted == {"measure", "bare-measure", "numbered-call", *(p for p in PAPERS if "says-so" in p)}
    found = await figures(flow)
    assert found.must_be_interpreted == len(wanted)
    assert {one["policy_id"] for one in found.missing} == wanted - {"measure"}
    assert (found.interpreted, found.rate) == (1, round(1 / len(wanted), 4))
    assert (found.interpretations, found.beyond_text, found.beyond_text_share) == (2, 1, 0.5)


async def test_only_released_interpretations_of_released_policies_count(flow: Flow) -> None:
    await publish(flow, "P-1")
    await explain(flow, "P-1", "I-1", "chart", release=False)
    await explain(flow, "P-0", "I-0", "chart", release=False)
    await flow.tell("policy.published", policy("P-2"))
    found = await figures(flow)
    assert (found.must_be_interpreted, found.interpreted, found.interpretations) == (1, 0, 0)
    decision = {"policy_id": "P-1", "id": "I-1", "revision": 1}
    await flow.tell("interpretation.released", decision, "reviewer")
    await explain(flow, "P-1", "I-2", "text")
    found = await figures(flow)
    assert (found.rate, found.interpretations, found.beyond_text_share) == (1.0, 2, 0.5)
    assert await figures(flow, None) == found
    assert (await figures(flow, "other")).rate is None
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    assert (await figures(flow)).must_be_interpreted == 0


async def test_items_are_listed_newest_first_and_page_by_page(flow: Flow) -> None:
    for number in range(5):
        await explain(flow, f"P-{number % 2}", f"I:{number}", "text", release=False)
        flow.clock.advance(timedelta(minutes=1))
    seen: list[Explanation] = []
    after: str | None = None
    while True:
        async with flow.record.read() as conn:
            page, after = await list_items(conn, agency_id=AGENCY, state="waiting", after=after, limit=2)
        seen += page
        if after is None:
            break
    assert [one.item_id for one in seen] == [f"I:{number}" for number in reversed(range(5))]
    async with flow.record.read() as conn:
        of_one, _ = await list_items(conn, agency_id=None, policy_id="P-1")
        of_others, _ = await list_items(conn, agency_id="other")
    assert ([one.item_id for one in of_one], of_others) == (["I:3", "I:1"], [])
