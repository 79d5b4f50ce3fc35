"""The breaker as a state machine: its clock and its randomness are ours."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.guards.breaker import Breaker, Patience, Position

CALM = Patience(in_a_row=3, window=10, share=0.5, first_wait_s=5.0, longest_wait_s=30.0, spread=0.2)


def breaker(jitter: float = 0.0, patience: Patience = CALM) -> Breaker:
    return Breaker(lambda: jitter, patience)


def opened(now: float = 0.0) -> Breaker:
    one = breaker()
    for _ in range(3):
        one.failed(now)
    return one


def test_failures_in_a_row_open_it() -> None:
    one = breaker()
    one.failed(0)
    one.failed(0)
    assert one.allows(0)
    one.failed(0)
    assert one.position is Position.OPEN
    assert not one.allows(4.9)


def test_a_success_between_failures_keeps_it_closed() -> None:
    one = breaker()
    for _ in range(3):
        one.failed(0)
        one.failed(0)
        one.succeeded(0)
        one.succeeded(0)
        one.succeeded(0)
    assert one.position is Position.CLOSED


def test_half_of_the_last_outcomes_open_it_though_never_many_in_a_row() -> None:
    one = breaker()
    for _ in range(5):
        one.succeeded(0)
        one.failed(0)
    assert one.position is Position.OPEN


def test_few_outcomes_say_nothing_about_a_share() -> None:
    one = breaker()
    for _ in range(4):
        one.failed(0)
        one.succeeded(0)
    assert one.position is Position.CLOSED


def test_after_the_wait_exactly_one_is_let_through() -> None:
    one = opened()
    assert one.allows(5)
    assert one.position is Position.HALF_OPEN
    assert not one.allows(5)
    assert not one.allows(60)


def test_a_trial_that_succeeds_closes_it_and_the_next_wait_is_short_again() -> None:
    one = opened()
    one.allows(5)
    one.failed(5)
    assert one.allows(15)
    one.succeeded(15)
    assert one.position is Position.CLOSED
    assert one.allows(15)
    assert one.retry_after(15) == 0
    for _ in range(3):
        one.failed(20)
    assert one.retry_after(20) == 5


def test_failed_trials_double_the_wait_up_to_the_ceiling() -> None:
    one, now, waits = opened(), 0.0, []
    for _ in range(5):
        waits.append(one.retry_after(now))
        now += waits[-1]
        assert one.allows(now)
        one.failed(now)
    assert waits == [5, 10, 20, 30, 30]


def test_jitter_adds_to_the_wait() -> None:
    one = breaker(jitter=1.0)
    for _ in range(3):
        one.failed(0)
    assert one.retry_after(0) == pytest.approx(6)


def test_a_trial_without_a_word_is_given_up_and_another_let_through() -> None:
    one = opened()
    assert one.allows(5)
    assert not one.allows(5 + CALM.trial_s - 1)
    assert one.allows(5 + CALM.trial_s)


def test_late_failures_of_what_began_earlier_prolong_nothing() -> None:
    one = opened()
    one.failed(3)
    one.failed(4)
    assert one.allows(5)


def test_a_late_success_of_what_began_earlier_does_not_close_it() -> None:
    one = opened()
    one.succeeded(1)
    assert not one.allows(1)


STEPS = st.tuples(st.sampled_from(["ask", "good", "bad"]), st.integers(0, 40))


@given(st.lists(STEPS, max_size=80), st.sampled_from([0.0, 0.5, 1.0]))
def test_open_lets_nobody_through_before_the_moment_it_names(
    steps: list[tuple[str, int]], jitter: float
) -> None:
    patience = replace(CALM, spread=0.5)  # with these figures every moment is exact
    one, now, until = breaker(jitter, patience), 0.0, None
    for step, passed in steps:
        now += passed
        if step == "ask":
            allowed = one.allows(now)
            assert until is None or allowed == (now >= until)
        elif step == "good":
            one.succeeded(now)
        else:
            one.failed(now)
        until = now + one.retry_after(now) if one.position is Position.OPEN else None
        assert one.retry_after(now) <= patience.longest_wait_s * (1 + patience.spread)
