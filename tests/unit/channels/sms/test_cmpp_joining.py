"""Pieces of long replies: whole when all are there, remembered when they come again, given up when they do not come."""

from channels.sms.gateways.cmpp.contents import Piece
from channels.sms.gateways.cmpp.joining import MOST, REMEMBERED_S, WAIT_S, Joining, Key

KEY = Key("+8613800138000", "10690001", 8, 7, 3)


def piece(number: int, content: bytes | None = None) -> Piece:
    return Piece(content or f"piece {number};".encode(), number, 3, 7)


def test_a_text_is_whole_when_its_last_piece_comes_in_whatever_order() -> None:
    joining = Joining()
    for number in (3, 1):
        joining.take(KEY, piece(number), 0.0)
        assert joining.whole(KEY) is None
    joining.take(KEY, piece(2), 1.0)
    assert joining.whole(KEY) == b"piece 1;piece 2;piece 3;"


def test_what_is_not_durable_stays_whole_for_the_next_try() -> None:
    joining = Joining()
    for number in (1, 2, 3, 2):
        joining.take(KEY, piece(number), 0.0)
    assert joining.whole(KEY)
    assert not joining.handed_over(KEY)
    assert joining.waiting == 1


def test_a_piece_that_comes_again_after_the_text_was_kept_is_known() -> None:
    joining = kept()
    joining.take(KEY, piece(2), REMEMBERED_S - 1)
    assert joining.handed_over(KEY)
    assert joining.waiting == 0


def test_other_words_under_the_same_reference_begin_a_new_text() -> None:
    joining = kept()
    joining.take(KEY, piece(1, b"another"), 10.0)
    assert not joining.handed_over(KEY)
    assert joining.whole(KEY) is None
    assert joining.waiting == 1


def test_what_is_never_whole_is_handed_over_as_far_as_it_came() -> None:
    joining = Joining()
    joining.take(KEY, piece(3), 0.0)
    joining.take(KEY, piece(1), 9.0)
    assert joining.overdue(WAIT_S - 1) == []
    assert joining.overdue(WAIT_S) == [(KEY, b"piece 1;piece 3;")]
    joining.done(KEY)
    assert joining.overdue(WAIT_S + 1) == []


def test_what_was_kept_is_forgotten_in_the_end() -> None:
    joining = kept()
    joining.overdue(REMEMBERED_S)
    assert not joining.handed_over(KEY)


def test_a_flood_of_texts_that_are_never_whole_is_bounded() -> None:
    joining = Joining()
    for reference in range(MOST + 5):
        joining.take(KEY._replace(reference=reference), piece(1), 0.0)
    late = joining.overdue(1.0)
    assert [key.reference for key, _ in late] == [0, 1, 2, 3, 4]
    for key, _ in late:
        joining.done(key)
    for reference in range(MOST + 5, 2 * MOST + 50):
        joining.take(KEY._replace(reference=reference), piece(1), 0.0)
        for key, _ in joining.overdue(1.0):
            joining.done(key)
    assert joining.waiting == MOST
    assert not joining.handed_over(KEY._replace(reference=0))
    assert joining.handed_over(KEY._replace(reference=MOST))


def kept() -> Joining:
    joining = Joining()
    for number in (1, 2, 3):
        joining.take(KEY, piece(number), 0.0)
    assert joining.whole(KEY)
    joining.done(KEY)
    return joining
