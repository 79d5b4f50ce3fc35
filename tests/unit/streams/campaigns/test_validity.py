"""A policy has something to say until the end of its last day in Shanghai."""

from datetime import UTC, datetime
from typing import Any

import pytest

from streams.campaigns.record import Campaign
from streams.campaigns.validity import ended
from streams.policies import PolicyView
from tests.support.flow import NOW


def campaign(occurrence: str = "policy") -> Campaign:
    return Campaign("c", "sheet", "P-1", 1, occurrence, "running", ())


def view(state: str = "released", **data: Any) -> PolicyView:
    return PolicyView(
        agency_id="sheet",
        policy_id="P-1",
        revision=1,
        state=state,
        title="t",
        issuer="i",
        disclosure="open",
        targeted=False,
        data=data,
        body="b",
        publisher="p",
        source="/s",
        event_id="e",
        received_at=NOW,
        labelled_at=NOW,
        decided_at=NOW,
        decided_by="r",
        reason=None,
    )


# The last second of 31 March in Shanghai is 15:59:59 UTC; in UTC the day goes on for eight hours more.
LAST = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
OVER = datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"valid_until": "2026-03-31"}, "valid_until"),
        ({"apply_window": {"closes": "2026-03-31"}}, "apply_window"),
    ],
)
def test_the_last_day_ends_at_midnight_in_shanghai(data: dict[str, Any], reason: str) -> None:
    assert ended(campaign(), view(**data), LAST) is None
    assert ended(campaign(), view(**data), OVER) == ("expired", reason)


def test_a_day_that_has_begun_in_shanghai_but_not_in_utc_is_that_day() -> None:
    first_hour = datetime(2026, 3, 30, 16, 30, tzinfo=UTC)  # 31 March, half past midnight in Shanghai
    assert ended(campaign(), view(valid_until="2026-03-30"), first_hour) == ("expired", "valid_until")


@pytest.mark.parametrize("data", [{}, {"apply_window": None}, {"apply_window": {"opens": "2026-04-01"}}])
def test_what_names_no_end_does_not_end(data: dict[str, Any]) -> None:
    assert ended(campaign(), view(**data), OVER) is None


@pytest.mark.parametrize("state", ["superseded", "repealed", "refused", "waiting"])
def test_what_does_not_stand_any_more_is_superseded(state: str) -> None:
    assert ended(campaign(), view(state, valid_until="2020-01-01"), LAST) == ("superseded", state)


def test_a_notice_of_repeal_always_goes() -> None:
    assert ended(campaign("repeal"), view("repealed", valid_until="2020-01-01"), LAST) is None


BOTH = {"valid_until": "2026-03-31", "apply_window": {"closes": "2026-03-20"}}
BETWEEN = datetime(2026, 3, 25, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("occurrence", "window_closed", "validity_over"),
    [
        ("policy", ("expired", "apply_window"), ("expired", "valid_until")),
        ("reminder:1:2026-03-20", ("expired", "apply_window"), ("expired", "valid_until")),
        ("relay:r-1", ("expired", "apply_window"), ("expired", "valid_until")),
        ("effective:2026-03-24", None, ("expired", "valid_until")),
        ("interpretation:i-1:1", None, ("expired", "valid_until")),
        ("faq:f-1:1", None, ("expired", "valid_until")),
        ("expiry:2026-03-31", None, None),
        ("repeal", None, None),
    ],
)
def test_an_occasion_ends_with_what_it_is_about(
    occurrence: str, window_closed: tuple[str, str] | None, validity_over: tuple[str, str] | None
) -> None:
    assert ended(campaign(occurrence), view(**BOTH), BETWEEN) == window_closed
    assert ended(campaign(occurrence), view(**BOTH), OVER) == validity_over


@pytest.mark.parametrize("occurrence", ["reminder:1:2026-03-20", "effective:2026-03-24", "expiry:2026-03-31"])
def test_what_follows_an_older_revision_or_a_repealed_policy_is_superseded(occurrence: str) -> None:
    for state in ("superseded", "repealed"):
        assert ended(campaign(occurrence), view(state, **BOTH), BETWEEN) == ("superseded", state)
