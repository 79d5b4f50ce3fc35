"""A follow-up that was handed over, and not yet dispatched, when an amendment came: told once, or it says why not."""

from typing import Any

import pytest

from streams.followups.due import run_due
from streams.names import POLICIES_RELEASED
from tests.contract.test_flow_followups import WINDOW, amend, opened, states, till
from tests.support.flow import Flow, policy

ITEM = {"interpretation_id": "I-1", "title": "解读要点", "form": "text", "body": "说明谁可以领取补助。"}


async def handed_over(flow: Flow, occurrence: str, due: str, **changes: Any) -> None:
    """Let an item come due and be handed over while nobody dispatches."""
    await flow.announce(await flow.subscriber("S-1"))
    await flow.campaign(**changes)
    await flow.pump()
    await till(flow, due)
    await run_due(flow.desk)
    assert (await states(flow))[occurrence] == ("done", None)
    assert not await opened(flow, occurrence)


def told(flow: Flow) -> list[tuple[str, int]]:
    return sorted((m.occurrence, m.content.revision) for m in flow.channels["email"].sent)


@pytest.mark.parametrize(
    ("occurrence", "due", "changes"),
    [
        ("reminder:15:2026-03-31", "2026-03-10", {"apply_window": WINDOW}),
        ("effective:2026-04-01", "2026-04-01", {"effective_date": "2026-04-01"}),
        ("expiry:2026-04-30", "2026-05-01", {"valid_until": "2026-04-30"}),
    ],
)
async def test_what_was_handed_over_before_an_amendment_tells_of_the_revision_that_stands(
    flow: Flow, occurrence: str, due: str, changes: dict[str, Any]
) -> None:
    await handed_over(flow, occurrence, due, **changes)
    late = flow.log.on(POLICIES_RELEASED)[-1]
    await amend(flow, 2, body="各有关单位：对软件企业给予最高60万元补助。", **changes)
    await flow.step(late)  # the same message again, as after a crash
    await flow.pump()
    await run_due(flow.desk)
    await flow.pump()
    assert [one for one in told(flow) if one[0] != "policy"] == [(occurrence, 2)]
    assert (await states(flow))[occurrence] == ("done", None)


async def test_a_reminder_handed_over_before_its_window_moved_goes_at_its_new_date_only(flow: Flow) -> None:
    await handed_over(flow, "reminder:15:2026-03-31", "2026-03-10", apply_window=WINDOW)
    await amend(flow, 2, apply_window=WINDOW | {"closes": "2026-04-30"})
    assert {one for one, _ in told(flow)} == {"policy"}
    plan = await states(flow)
    assert plan["reminder:15:2026-03-31"] == ("cancelled", "amended")
    assert plan["reminder:15:2026-04-30"] == ("planned", None)
    await till(flow, "2026-04-09")
    await run_due(flow.desk)
    await flow.pump()
    assert [one for one in told(flow) if one[0] != "policy"] == [("reminder:15:2026-04-30", 2)]


async def test_a_reminder_dispatched_after_the_nearer_one_was_due_is_dropped(flow: Flow) -> None:
    await handed_over(flow, "reminder:15:2026-03-31", "2026-03-10", apply_window=WINDOW)
    await till(flow, "2026-03-27")
    await amend(flow, 2, apply_window=WINDOW)
    assert (await states(flow))["reminder:15:2026-03-31"] == ("dropped", "past_deadline")


async def test_a_reminder_handed_over_before_a_repeal_is_cancelled_by_it(flow: Flow) -> None:
    await handed_over(flow, "reminder:15:2026-03-31", "2026-03-10", apply_window=WINDOW)
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    assert {one for one, _ in told(flow)} == {"policy", "repeal"}
    assert (await states(flow))["reminder:15:2026-03-31"] == ("cancelled", "repealed")


async def test_a_reminder_that_had_its_campaign_is_not_told_again_of_the_next_revision(flow: Flow) -> None:
    await handed_over(flow, "reminder:15:2026-03-31", "2026-03-10", apply_window=WINDOW)
    late = flow.log.on(POLICIES_RELEASED)[-1]
    await flow.pump()
    await amend(flow, 2, apply_window=WINDOW)
    await flow.step(late)
    await flow.pump()
    assert [one for one in told(flow) if one[0] != "policy"] == [("reminder:15:2026-03-31", 1)]


async def test_an_interpretation_released_just_before_an_amendment_is_told_of_what_stands(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1"))
    await flow.campaign()
    await flow.pump()
    await flow.tell("interpretation.published", {"policy_id": "P-1", "interpretation": ITEM})
    await flow.tell("policy.published", policy(body="各有关单位：对软件企业给予最高60万元补助。"))
    await flow.tell("interpretation.released", {"policy_id": "P-1", "id": "I-1", "revision": 1}, "reviewer")
    late = flow.log.on(POLICIES_RELEASED)[-1]
    await flow.tell("policy.released", {"policy_id": "P-1", "revision": 2, "explanations": []}, "reviewer")
    await flow.pump()
    await flow.step(late)
    await flow.pump()
    assert [one for one in told(flow) if one[0] != "policy"] == [("interpretation:I-1:1", 2)]
