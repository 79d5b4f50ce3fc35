"""What every outcome of every channel makes of its row."""

from datetime import timedelta
from typing import Any

import pytest

from channels.channel import Outcome
from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from channels.message import Progress, Receipt
from channels.retry import shipped_schedules
from config.channels import NAMES as CHANNELS
from config.clock import ManualClock
from streams.campaigns.record import NEVER, STOPPED
from streams.delivery.claims import SETTLED
from streams.delivery.outcomes import not_sent, settled
from tests.support.flow import NOW

channels = pytest.mark.parametrize("channel", CHANNELS)


def after(outcome: Outcome, channel: str = "email", attempts: int = 1) -> dict[str, Any]:
    row = {"delivery_id": "d", "channel": channel, "attempts": attempts}
    values = settled(row, outcome, ManualClock(NOW), 0.0)
    assert set(values) == {"delivery_id", *SETTLED}
    return values


@channels
def test_taken_is_sent_and_arrived_is_delivered(channel: str) -> None:
    sent = after(Receipt(Progress.SENT, "ref"), channel)
    assert (sent["state"], sent["sent_at"], sent["delivered_at"], sent["gateway_ref"]) == (
        "sent",
        NOW,
        None,
        "ref",
    )
    there = after(Receipt(Progress.DELIVERED), channel)
    assert (there["state"], there["sent_at"], there["delivered_at"], there["ended_at"]) == (
        "delivered",
        NOW,
        NOW,
        None,
    )


@channels
def test_a_temporary_failure_is_planned_again_when_its_table_says(channel: str) -> None:
    row = after(TemporaryError("450 later"), channel)
    assert (row["state"], row["reason"], row["attempts"], row["ended_at"]) == (
        "planned",
        "450 later",
        1,
        None,
    )
    assert row["due_at"] == NOW + shipped_schedules()[channel].waits[0]


@channels
def test_after_the_last_wait_a_temporary_failure_is_one_for_good(channel: str) -> None:
    last = len(shipped_schedules()[channel].waits)
    assert after(TemporaryError("450"), channel, last)["state"] == "planned"
    row = after(TemporaryError("450"), channel, last + 1)
    assert (row["state"], row["reason"], row["ended_at"]) == ("failed", "450", NOW)


@channels
def test_a_throttled_attempt_is_not_counted_and_waits_as_long_as_was_asked(channel: str) -> None:
    row = after(ThrottledError("421 busy", 300), channel, attempts=4)
    assert (row["state"], row["attempts"]) == ("planned", 3)
    assert row["due_at"] == NOW + timedelta(seconds=300)


@channels
def test_a_permanent_failure_ends_the_row_with_its_reason(channel: str) -> None:
    row = after(PermanentError("552 full"), channel)
    assert (row["state"], row["reason"], row["ended_at"]) == ("failed", "552 full", NOW)


@channels
def test_a_dead_address_has_one_reason_in_the_funnel_whatever_the_server_said(channel: str) -> None:
    row = after(PermanentError("550 5.1.1 who?", dead=True), channel)
    assert (row["state"], row["reason"]) == ("failed", "gone")


@channels
def test_a_refused_text_is_held_until_the_campaign_is_resumed(channel: str) -> None:
    row = after(ContentError("554 spam"), channel, attempts=2)
    assert (row["state"], row["reason"], row["due_at"], row["attempts"]) == ("held", STOPPED, NEVER, 1)
    assert row["ended_at"] is None


@pytest.mark.parametrize("channel", ["email", "space"])
def test_an_unknown_outcome_goes_again_where_a_repetition_is_recognised(channel: str) -> None:
    row = after(UnknownOutcomeError("cut"), channel)
    assert (row["state"], row["due_at"] > NOW) == ("planned", True)


def test_a_text_message_of_unknown_outcome_is_never_resent_blindly() -> None:
    row = after(UnknownOutcomeError("cut"), "sms")
    assert (row["state"], row["sent_at"], row["ended_at"]) == ("unknown", NOW, None)


def test_an_email_that_stays_unknown_to_the_end_has_failed() -> None:
    assert after(UnknownOutcomeError("cut"), "email", 99)["state"] == "failed"


@pytest.mark.parametrize("text", ["x" * 5000, "a\0b", "\udce9t\udce9"])
def test_whatever_the_far_side_says_can_be_stored(text: str) -> None:
    for outcome in (PermanentError(text), TemporaryError(text), UnknownOutcomeError(text)):
        reason = after(outcome)["reason"]
        assert len(reason) <= 500
        assert "\0" not in reason
        assert reason.encode()
    reference = after(Receipt(Progress.SENT, text))["gateway_ref"]
    assert len(reference) <= 128
    assert "\0" not in reference
    assert reference.encode()


def test_a_row_that_may_not_go_costs_no_attempt() -> None:
    row = {"delivery_id": "d", "channel": "email", "attempts": 2}
    ended = not_sent(row, "suppressed", "opted_out", NOW)
    assert (ended["state"], ended["reason"], ended["attempts"], ended["ended_at"]) == (
        "suppressed",
        "opted_out",
        1,
        NOW,
    )
    later = NOW + timedelta(hours=3)
    held = not_sent(row, "held", "quiet_hours", NOW, later)
    assert (held["state"], held["due_at"], held["ended_at"]) == ("held", later, None)
    assert set(ended) == set(held) == {"delivery_id", *SETTLED}
