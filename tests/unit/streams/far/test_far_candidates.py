"""Which text a report under a strange id can only be about."""

from datetime import UTC, datetime, timedelta

from streams.far.candidates import LostText, Stranger, belonging

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
EARLY, LATE = timedelta(minutes=5), timedelta(hours=72)


def text(
    name: str = "a", expected: int | None = 1, found: int = 0, after: timedelta = timedelta()
) -> LostText:
    return LostText(name, expected, found, T0 + after)


def told(*reports: tuple[str, timedelta]) -> list[Stranger]:
    return [Stranger(message_id, T0 + after) for message_id, after in reports]


def ids(texts: list[LostText], strangers: list[Stranger]) -> list[tuple[str, str]]:
    return [(one.delivery_id, message_id) for one, message_id in belonging(texts, strangers, EARLY, LATE)]


def test_a_report_belongs_to_the_only_text_that_it_can_be_about() -> None:
    minute = timedelta(minutes=1)
    for after in (-EARLY, -minute, minute, LATE):
        assert ids([text()], told(("7", after))) == [("a", "7")]
    for after in (-EARLY - minute, LATE + minute):
        assert ids([text()], told(("7", after))) == []


def test_one_that_may_be_about_either_of_two_texts_is_left_alone() -> None:
    hour = timedelta(hours=1)
    two = [text("a"), text("b", after=hour)]
    assert ids(two, told(("7", 2 * hour))) == []
    assert ids(two, told(("7", 2 * hour), ("8", 2 * hour))) == []
    assert ids(two, told(("7", timedelta()))) == [("a", "7")], "b had not gone yet"
    assert ids([text("a", found=1), text("b", after=hour)], told(("8", 2 * hour))) == [("b", "8")]


def test_the_same_id_again_is_one_and_more_ids_than_parts_are_none() -> None:
    minute = timedelta(minutes=1)
    assert ids([text()], told(("7", minute), ("7", 2 * minute))) == [("a", "7")]
    assert ids([text()], told(("7", minute), ("8", minute))) == []
    assert ids([text(expected=2)], told(("7", minute), ("8", minute))) == [("a", "7"), ("a", "8")]
    assert ids([text(expected=2, found=1)], told(("8", minute), ("9", minute))) == []


def test_a_text_of_unknown_length_is_found_by_nothing_and_makes_others_doubtful() -> None:
    assert ids([text(expected=None)], told(("7", timedelta()))) == []
    assert ids([text("a"), text("b", expected=None)], told(("7", timedelta()))) == []
