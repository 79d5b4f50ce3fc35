"""The clocks: domain time may run faster than real time, and never backwards."""

from datetime import UTC, datetime, timedelta

import pytest

from config.clock import ManualClock, SimulatedClock, SystemClock, ago, aware
from config.settings import Settings

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DOMAIN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def simulated(speed: float) -> tuple[ManualClock, SimulatedClock]:
    real = ManualClock(BEGAN)
    return real, SimulatedClock(real, real=BEGAN, domain=DOMAIN, speed=speed)


@pytest.mark.parametrize(
    ("speed", "passed"),
    [(1.0, timedelta(minutes=2)), (0.5, timedelta(minutes=1)), (10_000.0, timedelta(minutes=20_000))],
)
def test_a_simulated_clock_moves_by_its_speed(speed: float, passed: timedelta) -> None:
    real, clock = simulated(speed)
    assert clock.now() == DOMAIN
    real.advance(timedelta(minutes=2))
    assert clock.now() == DOMAIN + passed


def test_a_span_is_how_far_the_clock_moves_while_real_time_passes() -> None:
    real, clock = simulated(10_000.0)
    began, pause = clock.now(), timedelta(seconds=300)
    real.advance(pause)
    assert clock.now() == began + clock.span(pause)


def test_a_moment_ago_by_real_time_is_never_before_the_first_there_is() -> None:
    assert ago(simulated(10_000.0)[1], timedelta(minutes=1)) == DOMAIN - timedelta(minutes=10_000)
    assert ago(simulated(10_000_000.0)[1], timedelta(days=7)) == datetime(1, 1, 1, tzinfo=UTC)


def test_a_real_clock_and_a_clock_of_tests_span_what_they_are_given() -> None:
    pause = timedelta(seconds=7)
    assert SystemClock().span(pause) == ManualClock(DOMAIN).span(pause) == pause


def test_a_simulated_clock_stands_still_while_the_real_one_is_set_back() -> None:
    real, clock = simulated(10_000.0)
    real.advance(-timedelta(hours=1))
    assert clock.now() == DOMAIN
    real.advance(timedelta(hours=1, seconds=1))
    assert clock.now() == DOMAIN + timedelta(seconds=10_000)


def test_at_the_highest_speed_that_may_be_set_the_longest_retry_is_still_a_date() -> None:
    highest = next(m.le for m in Settings.model_fields["clock_speed"].metadata if hasattr(m, "le"))
    _, clock = simulated(highest)
    assert (clock.now() + clock.span(timedelta(days=1) * 1.2)).year < 9999


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="give it a zone"):
        aware(datetime(2026, 3, 2))  # noqa: DTZ001
    assert aware(datetime.fromisoformat("2026-03-02T10:00:00+08:00")) == DOMAIN
