"""Digests without a record: what is about the same thing, what is urgent, and what an item becomes with its digest."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.message import Entry
from config.clock import SHANGHAI
from streams.campaigns.occasions import Occasion
from streams.campaigns.record import NEVER, Campaign
from streams.delivery.sendable import urgent
from streams.digests.carried import in_step, is_digest
from streams.digests.content import content_of_digest, subject_of
from streams.digests.gathering import digest_campaign
from streams.policies import PolicyView
from subscribers.model import Preferences
from tests.servers.messages import content

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
VIEW = PolicyView(
    agency_id="sheet",
    policy_id="P-1",
    revision=1,
    state="released",
    title="若干措施",
    issuer="示范市工信局",
    disclosure="open",
    targeted=False,
    data={},
    body="",
    publisher="p",
    source="/s",
    event_id="e",
    received_at=MONDAY,
    labelled_at=MONDAY,
    decided_at=MONDAY,
    decided_by="r",
    reason=None,
)


def campaign(occurrence: str = "policy", **changes: Any) -> Campaign:
    return replace(Campaign("c-1", "sheet", "P-1", 1, occurrence, "running", ()), **changes)


def occasion(occurrence: str = "policy", **data: Any) -> Occasion:
    return Occasion(campaign(occurrence), replace(VIEW, data=data), content(), {})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (campaign(), campaign(revision=2), True),
        (campaign(), campaign(policy_id="P-2"), False),
        (campaign(), campaign(agency_id="other"), False),
        (campaign(), campaign("effective:2026-04-01"), False),
        (campaign("reminder:15:2026-04-30"), campaign("reminder:3:2026-04-30"), True),
        (campaign("interpretation:I-1:1"), campaign("interpretation:I-1:2"), True),
        (campaign("interpretation:I-1:1"), campaign("interpretation:I-2:1"), False),
        (campaign("faq:F-1:1"), campaign("interpretation:F-1:1"), False),
        (campaign("relay:a"), campaign("relay:b"), False),
    ],
)
def test_of_what_is_about_the_same_only_the_later_is_told(one: Campaign, other: Campaign, same: bool) -> None:
    assert (subject_of(one) == subject_of(other)) is same


@pytest.mark.parametrize(
    ("frequency", "told", "hurries"),
    [
        ("instant", occasion(), True),
        ("daily", occasion(), False),
        ("daily", occasion("repeal"), True),
        ("daily", occasion(apply_window={"closes": "2026-03-02"}), True),  # over before the boundary
        ("daily", occasion(apply_window={"closes": "2026-03-03"}), True),  # over on the boundary's own day
        ("daily", occasion(apply_window={"closes": "2026-03-04"}), False),
        ("weekly", occasion(apply_window={"closes": "2026-03-09"}), True),
        ("weekly", occasion(valid_until="2026-03-05"), True),
        ("weekly", occasion("reminder:3:2026-03-06", apply_window={"closes": "2026-03-06"}), True),
        ("weekly", occasion("reminder:15:2026-03-23", apply_window={"closes": "2026-03-23"}), False),
        ("weekly", occasion("effective:2026-03-02", effective_date="2026-03-02"), False),
    ],
)
def test_what_leaves_its_reader_a_day_to_act_waits_for_the_digest(
    frequency: str, told: Occasion, hurries: bool
) -> None:
    preferences = Preferences.model_validate({"frequency": frequency})
    assert urgent(told, preferences, MONDAY) is hurries


SETTLED = {
    "delivery_id": "d-1",
    "state": "sent",
    "reason": None,
    "attempts": 3,
    "due_at": MONDAY,
    "gateway_ref": "250 ok",
    "sent_at": MONDAY,
    "delivered_at": None,
    "ended_at": None,
}
ITEM = {"delivery_id": "i-1", "digest_id": "d-1", "attempts": 1}


def test_an_item_ends_as_its_digest_but_with_its_own_attempts_and_no_reference() -> None:
    assert in_step(ITEM, SETTLED) == SETTLED | ITEM | {"gateway_ref": None}


@pytest.mark.parametrize("state", ["planned", "held"])
def test_an_item_waits_as_long_as_its_digest_does(state: str) -> None:
    assert in_step(ITEM, SETTLED | {"state": state, "sent_at": None}) is None


@pytest.mark.parametrize("state", ["planned", "held"])
def test_an_item_may_have_gone_with_a_digest_that_goes_again(state: str) -> None:
    found = in_step(ITEM, SETTLED | {"state": state})
    assert found is not None
    assert (found["state"], found["reason"], found["due_at"]) == ("held", "digest", NEVER)
    assert (found["digest_id"], found["sent_at"]) == (ITEM["digest_id"], SETTLED["sent_at"])


def test_a_digest_is_the_row_that_carries_itself() -> None:
    assert is_digest({"delivery_id": "d-1", "digest_id": "d-1"})
    assert not is_digest(ITEM)
    assert not is_digest({"delivery_id": "x", "digest_id": None})


def test_digests_of_one_boundary_share_a_campaign_of_no_agency() -> None:
    boundary = datetime(2026, 3, 9, 8, 30, tzinfo=SHANGHAI)
    found = digest_campaign(boundary)
    assert found == digest_campaign(boundary.astimezone(UTC))
    assert (found.agency_id, found.policy_id, found.occurrence) == ("", "", "digest:2026-03-09")


def test_a_digest_of_one_item_does_not_say_how_many() -> None:
    entries = (Entry(content(title="甲政策"), ()),)
    told = content_of_digest("d-1", "digest:2026-03-09", entries, "http://h")
    assert (told.title, told.url) == ("3月9日政策汇总：《甲政策》", "http://h/my")
    assert content_of_digest("d-1", "digest:2026-03-09", entries * 3, "http://h").title.endswith("等3项")
