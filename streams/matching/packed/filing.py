"""From records in a row to a base: which clauses a conjunction is filed under, and then everything in order."""

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.base import EMPTY, Base, base_of
from streams.matching.packed.compiled import kernel, part, whole
from streams.matching.packed.words import (
    ALWAYS,
    APART,
    END,
    EXCLUDED,
    LAST,
    MORE,
    MOST_WORDS,
    TOKEN,
    Bits,
    Places,
    Words,
)

MOST_PAIRS = 256
"""A conjunction that would stand under more pairs of tokens is filed under its rarest clause alone."""

SHORT = 4
"""A body of more words is kept apart, once, when its conjunction is filed in several places."""


def file_rows(rows: Words, alive: Bits, ranks: NDArray[np.float64]) -> Base:
    """Return the base of records.

    Args:
        rows: records in a row; those of queries not alive are left out.
        alive: a bit per query.
        ranks: how often each token is there when the index is asked, on any scale; as long as the highest token.

    Raises:
        OverflowError: they are more than one index can hold.
    """
    pairs, conjunctions, record_words, body_words = _measure(rows, alive, ranks)
    if not conjunctions:
        return EMPTY
    records, record_starts, bodies, filed = _file(
        rows, alive, ranks, pairs, conjunctions, record_words, body_words
    )
    runs, words = _size(pairs, filed, record_starts)
    if max(words, body_words) > MOST_WORDS:
        raise OverflowError(
            f"{words} words do not fit into one index: divide the subscribers into more shards"
        )
    return base_of(*_lay_out(pairs, filed, records, record_starts, runs, words), bodies)


@part
def _choose(rows: Words, at: int, ranks: NDArray[np.float64]) -> tuple[int, int, int, int]:
    """Return where the rarest clause of a record is and where the next rarest; nowhere is from ``at`` to ``at``."""
    end = at + rows[at + 1]
    first, first_end, second, second_end = at, at, at, at
    least = next_least = np.inf
    start = at + 2
    rank = 0.0
    for i in range(at + 2, end):
        word = rows[i]
        if word & EXCLUDED:
            break
        rank += ranks[word & TOKEN]
        if word & LAST:
            if first == at or rank < least:
                second, second_end, next_least = first, first_end, least
                first, first_end, least = start, i + 1, rank
            elif second == at or rank < next_least:
                second, second_end, next_least = start, i + 1, rank
            start = i + 1
            rank = 0.0
    if (first_end - first) * (second_end - second) > MOST_PAIRS:
        second, second_end = at, at
    return first, first_end, second, second_end


@part
def _is_alive(alive: Bits, query: int) -> bool:
    # A row may be newer than the bits: then its query lies beyond them, and will be added again.
    return query >> 3 < len(alive) and bool((alive[query >> 3] >> (query & 7)) & 1)


@part
def _is_apart(body: int, places: int) -> bool:
    return body > SHORT and places > 1


@kernel
def _measure(rows: Words, alive: Bits, ranks: NDArray[np.float64]) -> tuple[Places, int, int, int]:
    """Return where each anchor's entries start, and how many conjunctions, words of records and of bodies there are."""
    starts = np.zeros(len(ranks) + 1, np.int64)
    conjunctions = record_words = body_words = 0
    at = 0
    while at < len(rows):
        here, at = at, at + whole(rows[at + 1])
        if not _is_alive(alive, whole(rows[here])):
            continue
        first, first_end, second, second_end = _choose(rows, here, ranks)
        seconds = max(1, second_end - second)
        if first == first_end:
            starts[ALWAYS + 1] += 1
        for i in range(first, first_end):
            starts[whole(rows[i] & TOKEN) + 1] += seconds
        conjunctions += 1
        body = at - here - 2 - (first_end - first) - (second_end - second)
        if _is_apart(body, max(1, first_end - first) * seconds):
            record_words += 2
            body_words += 1 + body
        else:
            record_words += 1 + body
    return np.cumsum(starts), conjunctions, record_words, body_words


@kernel
def _file(
    rows: Words,
    alive: Bits,
    ranks: NDArray[np.float64],
    starts: Places,
    conjunctions: int,
    record_words: int,
    body_words: int,
) -> tuple[Words, Places, Words, Places]:
    """Return the records, where they start, their bodies, and by anchor what is filed there.

    What is filed is one number, so that sorting brings it into order: the second token, whether something is left to
    ask, the conjunction.
    """
    records = np.empty(record_words, np.uint32)
    record_starts = np.empty(conjunctions + 1, np.int64)
    bodies = np.empty(body_words, np.uint32)
    filed = np.empty(starts[-1], np.int64)
    ends = starts.copy()
    number = record_end = body_end = 0
    at = 0
    while at < len(rows):
        here, at = at, at + whole(rows[at + 1])
        if not _is_alive(alive, whole(rows[here])):
            continue
        first, first_end, second, second_end = _choose(rows, here, ranks)
        record_starts[number] = record_end
        record_end, body_end = _write_record(
            rows, here, first, first_end, second, second_end, records, record_end, bodies, body_end
        )
        entry = number | (1 << 32 if record_end - record_starts[number] > 1 else 0)
        if first == first_end:
            filed[ends[ALWAYS]] = entry
            ends[ALWAYS] += 1
        for i in range(first, first_end):
            anchor = whole(rows[i] & TOKEN)
            if second == second_end:
                filed[ends[anchor]] = entry
                ends[anchor] += 1
            for j in range(second, second_end):
                filed[ends[anchor]] = entry | whole(rows[j] & TOKEN) << 33
                ends[anchor] += 1
        number += 1
    record_starts[number] = record_end
    for anchor in range(len(starts) - 1):
        if starts[anchor + 1] - starts[anchor] > 1:
            filed[starts[anchor] : starts[anchor + 1]].sort()
    return records, record_starts, bodies, filed


@part
def _write_record(
    rows: Words,
    here: int,
    first: int,
    first_end: int,
    second: int,
    second_end: int,
    records: Words,
    record_end: int,
    bodies: Words,
    body_end: int,
) -> tuple[int, int]:
    """Append a record without the clauses it is filed under, its body to the bodies where it is kept apart."""
    at = here + whole(rows[here + 1])
    body = at - here - 2 - (first_end - first) - (second_end - second)
    records[record_end] = rows[here]
    if body == 0:
        return record_end + 1, body_end
    apart = _is_apart(body, max(1, first_end - first) * max(1, second_end - second))
    records[record_end] |= APART if apart else MORE
    into, end = records, record_end + 1
    if apart:
        records[record_end + 1] = body_end
        bodies[body_end] = body
        into, end = bodies, body_end + 1
    for i in range(here + 2, at):
        if not (first <= i < first_end or second <= i < second_end):
            into[end] = rows[i]
            end += 1
    if apart:
        return record_end + 2, end
    records[end - 1] |= END
    return end, body_end


@kernel
def _size(starts: Places, filed: Places, record_starts: Places) -> tuple[int, int]:
    """Return how many runs and words what is filed makes."""
    runs = words = 0
    for anchor in range(len(starts) - 1):
        before = -1
        for i in range(starts[anchor], starts[anchor + 1]):
            second = filed[i] >> 33
            runs += second != before
            before = second
            number = filed[i] & 0xFFFFFFFF
            words += record_starts[number + 1] - record_starts[number]
    return runs, words


@kernel
def _lay_out(
    filed_starts: Places, filed: Places, records: Words, record_starts: Places, runs: int, words: int
) -> tuple[Places, Words, Words, Words]:
    starts = np.empty(len(filed_starts), np.int64)
    seconds = np.empty(runs, np.uint32)
    run_starts = np.empty(runs + 1, np.uint32)
    laid = np.empty(words, np.uint32)
    run = end = 0
    for anchor in range(len(filed_starts) - 1):
        starts[anchor] = run
        before = -1
        for i in range(filed_starts[anchor], filed_starts[anchor + 1]):
            second = filed[i] >> 33
            if second != before:
                seconds[run] = second
                run_starts[run] = end
                run += 1
                before = second
            number = filed[i] & 0xFFFFFFFF
            for word in range(record_starts[number], record_starts[number + 1]):
                laid[end] = records[word]
                end += 1
    starts[-1] = run
    run_starts[run] = end
    return starts, seconds, run_starts, laid
