"""Turns in a line, pure: how many go, when the others come back, and that nobody comes back again and again."""

import heapq
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.guards.pace import FARTHEST_S, Leftover, Line, Rate, Turn, take

TEN = Rate(10.0)


def test_messages_go_a_step_apart() -> None:
    line, turn = take(Line(), TEN, 3, 1.0, Leftover.ASK_AGAIN, 100.0)
    assert (turn.going, turn.wait_s) == (3, pytest.approx(0.2))
    assert line.next == pytest.approx(100.3)


def test_who_would_wait_longer_than_the_patience_does_not_go() -> None:
    line, turn = take(Line(), TEN, 50, 1.0, Leftover.ASK_AGAIN, 100.0)
    assert turn.going == 11
    _, again = take(line, TEN, 1, 0.05, Leftover.ASK_AGAIN, 100.0)
    assert again.going == 0


def test_unused_time_is_made_up_for_as_far_as_the_rate_says() -> None:
    _, turn = take(Line(next=0.0), Rate(10.0, burst_s=3.0), 100, 0.0, Leftover.ASK_AGAIN, 100.0)
    assert (turn.going, turn.wait_s) == (31, 0.0)
    _, turn = take(Line(next=0.0), TEN, 100, 0.0, Leftover.ASK_AGAIN, 100.0)
    assert turn.going == 1


def test_those_who_are_sent_away_come_back_one_after_another_behind_those_before_them() -> None:
    line, first = take(Line(), TEN, 101, 0.0, Leftover.BEHIND_ALL, 100.0)
    assert [first.later_s(place, TEN) for place in (0, 1, 99)] == pytest.approx([0.1, 0.2, 10.0])
    line, second = take(line, TEN, 10, 0.0, Leftover.BEHIND_ALL, 100.0)
    assert (second.going, second.first_s) == (0, pytest.approx(10.1))


def test_what_is_urgent_does_not_queue_behind_a_campaign() -> None:
    line, _ = take(Line(), TEN, 3000, 0.0, Leftover.BEHIND_ALL, 100.0)
    line, turn = take(line, TEN, 80, 5.0, Leftover.AHEAD, 100.0)
    assert turn.going == 50
    assert turn.later_s(29, TEN) < 10


def test_a_queue_that_nobody_came_back_from_is_forgotten() -> None:
    line, _ = take(Line(), TEN, 3000, 0.0, Leftover.BEHIND_ALL, 100.0)
    line, turn = take(line, TEN, 20, 0.0, Leftover.BEHIND_ALL, 200.0)
    assert turn.first_s == pytest.approx(0.1)


def test_no_turn_is_further_away_than_an_hour() -> None:
    _, turn = take(Line(), Rate(1.0), 100_000, 0.0, Leftover.BEHIND_ALL, 0.0)
    away = [turn.later_s(place, Rate(1.0)) for place in range(99_999)]
    assert max(away) <= FARTHEST_S
    late = [one for one in away[3700:] if one > FARTHEST_S * 0.9]
    assert len(late) < 0.3 * len(away), "those beyond it are scattered, not all at its end"


@pytest.mark.parametrize(("people", "per_second"), [(5_000, 20.0), (5_000, 5.0), (5_000, 2.0)])
def test_everybody_of_a_backlog_is_asked_about_three_times_at_most(people: int, per_second: float) -> None:
    # Sweeps hand over by the second, in chunks of a hundred, and a little late: as the deliver step does.
    rate, line, now = Rate(per_second, 3.0), Line(), 1000.0
    due = [(now, n) for n in range(people)]
    claims, sent_at = [0] * people, []
    while due:
        ready = []
        while due and due[0][0] <= now:
            ready.append(heapq.heappop(due)[1])
        for start in range(0, len(ready), 100):
            chunk = ready[start : start + 100]
            line, turn = take(line, rate, len(chunk), 0.25, Leftover.BEHIND_ALL, now)
            for place, n in enumerate(chunk):
                claims[n] += 1
                if place < turn.going:
                    sent_at.append(now)
                else:
                    heapq.heappush(due, (now + turn.later_s(place - turn.going, rate), n))
        now += 1.0
    assert max(claims) <= 3
    assert sum(claims) / people <= 2.2
    took = sent_at[-1] - sent_at[0]
    assert took == pytest.approx(people / per_second, rel=0.05)


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 60), st.floats(0, 2)), min_size=1, max_size=30),
    st.floats(0.5, 200),
)
def test_no_more_than_the_rate_go_however_they_ask(
    asked: list[tuple[float, int, float]], per_second: float
) -> None:
    rate, line, now = Rate(per_second), Line(), 1000.0
    moments: list[float] = []
    for passed, count, patience_s in asked:
        now += passed
        line, turn = take(line, rate, count, patience_s, Leftover.BEHIND_ALL, now)
        last = now + turn.wait_s
        moments += [max(now, last - place / per_second) for place in range(turn.going)]
    moments.sort()
    for early, late in pairwise(moments):
        assert late - early >= 0.999 / per_second - 1e-6


def test_a_turn_says_when_each_place_comes() -> None:
    assert Turn(0, 0.0, 2.0).later_s(5, TEN) == pytest.approx(2.5)
