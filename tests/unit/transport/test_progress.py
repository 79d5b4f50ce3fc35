"""How far it is safe to commit."""

from faust.types import TP

from streams.transport.progress import Progress

A, B = TP("a", 0), TP("b", 0)


def handed_out(*offsets: int, generation: int = 1) -> Progress:
    progress = Progress()
    for offset in offsets:
        progress.delivered(A, offset, generation)
    return progress


def test_nothing_handed_out_says_nothing() -> None:
    assert Progress().safe_offset(A) is None


def test_the_lowest_unfinished_event_holds_the_offset() -> None:
    progress = handed_out(5, 6, 7)
    assert progress.worked(A, 7, 1)
    assert progress.worked(A, 5, 1)
    assert progress.safe_offset(A) == 6
    assert progress.unfinished() == {A: 1}
    assert progress.worked(A, 6, 1)
    assert progress.safe_offset(A) == 8
    assert progress.unfinished() == {}


def test_holes_left_by_compaction_do_not_hold_the_offset() -> None:
    progress = handed_out(5, 9)
    progress.worked(A, 5, 1)
    assert progress.safe_offset(A) == 9
    progress.worked(A, 9, 1)
    assert progress.safe_offset(A) == 10


def test_finishing_twice_or_something_unknown_has_no_effect() -> None:
    progress = handed_out(5)
    assert progress.worked(A, 5, 1)
    assert not progress.worked(A, 5, 1)
    assert not progress.worked(B, 5, 1)


def test_work_from_before_a_rebalance_does_not_count() -> None:
    progress = handed_out(5, generation=1)
    progress.forget([A])
    assert not progress.worked(A, 5, 1)
    progress.delivered(A, 5, 2)
    assert not progress.worked(A, 5, 1)
    assert progress.safe_offset(A) == 5
    assert progress.worked(A, 5, 2)


def test_forgetting_one_partition_keeps_the_others() -> None:
    progress = handed_out(5)
    progress.delivered(B, 1, 1)
    progress.forget([A])
    assert progress.partitions() == [B]
    assert progress.safe_offset(A) is None
