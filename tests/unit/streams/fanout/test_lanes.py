from datetime import UTC, datetime

import pytest

from streams.fanout.lanes import is_urgent

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Shanghai
EVENING = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def window(closes: str) -> dict[str, object]:
    return {"apply_window": {"opens": "2026-01-01", "closes": closes}}


def test_a_withdrawal_is_always_urgent() -> None:
    assert is_urgent("repeal", {}, NOON)


@pytest.mark.parametrize(("days", "urgent"), [(10, False), (3, False), (1, True), (0, True)])
def test_of_reminders_the_last_one_is(days: int, urgent: bool) -> None:
    assert is_urgent(f"reminder:{days}:2026-03-16", window("2026-03-16"), NOON) is urgent


@pytest.mark.parametrize(
    ("closes", "urgent"),
    [("2026-03-02", True), ("2026-03-03", False), ("2026-03-01", False), ("2026-09-30", False)],
)
def test_a_policy_is_urgent_on_the_last_day_that_one_can_apply(closes: str, urgent: bool) -> None:
    assert is_urgent("policy", window(closes), NOON) is urgent
    assert is_urgent("relay:r-1", window(closes), EVENING) is urgent


def test_an_interpretation_does_not_depend_on_the_window_but_on_the_validity() -> None:
    assert not is_urgent("interpretation:i-1:1", window("2026-03-02"), NOON)
    assert is_urgent("interpretation:i-1:1", {"valid_until": "2026-03-02"}, NOON)


def test_a_policy_without_an_end_and_the_notice_of_an_expiry_are_not() -> None:
    assert not is_urgent("policy", {}, NOON)
    assert not is_urgent("expiry:2026-03-02", {"valid_until": "2026-03-02"}, NOON)
