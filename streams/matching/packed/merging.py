"""Two bases into one, without what is no longer alive: each conjunction stays where it is filed."""

import numpy as np

from streams.matching.packed.base import Base, base_of
from streams.matching.packed.compiled import kernel, part, whole
from streams.matching.packed.words import APART, END, MORE, MOST_WORDS, QUERY, Bits, Places, Words


def merge(older: Base, newer: Base, alive: Bits) -> Base:
    """Return a base of both, which have no query in common.

    Raises:
        OverflowError: it is more than one index can hold.
    """
    if not len(older.words):
        return newer
    words = len(older.words) + len(newer.words)
    if max(words, len(older.bodies) + len(newer.bodies)) > MOST_WORDS:
        raise OverflowError(
            f"{words} words do not fit into one index: divide the subscribers into more shards"
        )
    return base_of(*_merge(older, newer, alive))


@kernel
def _merge(older: Base, newer: Base, alive: Bits) -> tuple[Places, Words, Words, Words, Words]:
    tokens = max(len(older.starts), len(newer.starts)) - 1
    starts = np.empty(tokens + 1, np.int64)
    seconds = np.empty(len(older.seconds) + len(newer.seconds), np.uint32)
    runs = np.empty(len(seconds) + 1, np.uint32)
    words = np.empty(len(older.words) + len(newer.words), np.uint32)
    bodies = np.empty(len(older.bodies) + len(newer.bodies), np.uint32)
    older_moved = np.full(len(older.bodies), -1, np.int64)
    newer_moved = np.full(len(newer.bodies), -1, np.int64)
    run = end = body_end = 0
    for anchor in range(tokens):
        starts[anchor] = run
        i, i_end = _runs_of(older, anchor)
        j, j_end = _runs_of(newer, anchor)
        while i < i_end or j < j_end:
            second = min(_second(older, i, i_end), _second(newer, j, j_end))
            in_older = i < i_end and older.seconds[i] == second
            in_newer = j < j_end and newer.seconds[j] == second
            run_start = end
            for asking in (False, True):  # those with nothing left to ask come first
                if in_older:
                    end, body_end = _copy(older, i, asking, alive, older_moved, words, end, bodies, body_end)
                if in_newer:
                    end, body_end = _copy(newer, j, asking, alive, newer_moved, words, end, bodies, body_end)
            i += in_older
            j += in_newer
            if end > run_start:
                seconds[run] = second
                runs[run] = run_start
                run += 1
    starts[tokens] = run
    runs[run] = end
    return starts, seconds[:run].copy(), runs[: run + 1].copy(), words[:end].copy(), bodies[:body_end].copy()


@part
def _runs_of(base: Base, anchor: int) -> tuple[int, int]:
    if anchor + 1 < len(base.starts):
        return base.starts[anchor], base.starts[anchor + 1]
    return 0, 0


@part
def _second(base: Base, run: int, end: int) -> int:
    return whole(base.seconds[run]) if run < end else QUERY


@part
def _copy(
    base: Base,
    run: int,
    asking: bool,
    alive: Bits,
    moved: Places,
    words: Words,
    end: int,
    bodies: Words,
    body_end: int,
) -> tuple[int, int]:
    """Append a run's records that are alive: those that have something left to ask, or those that have not."""
    at = whole(base.runs[run])
    while at < base.runs[run + 1]:
        start = at
        word = base.words[at]
        at += 1
        if word & MORE:
            while not base.words[at] & END:
                at += 1
            at += 1
        elif word & APART:
            at += 1
        query = whole(word & QUERY)
        if (at - start > 1) != asking or not (alive[query >> 3] >> (query & 7)) & 1:
            continue
        for i in range(start, at):
            words[end] = base.words[i]
            end += 1
        if word & APART:
            body = whole(base.words[at - 1])
            if moved[body] < 0:
                moved[body] = body_end
                for i in range(body, body + 1 + base.bodies[body]):
                    bodies[body_end] = base.bodies[i]
                    body_end += 1
            words[end - 1] = moved[body]
    return end, body_end
