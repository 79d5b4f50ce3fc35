"""From a base back to records in a row, to be filed anew once it is better known how rare each token is.

A base does not say which places a conjunction is filed in, but the places of one query say what it asks for: it holds
where both tokens of one of its places are there, and the body as well. Places with the same body whose anchors stand
with the same seconds make one conjunction: (any of the anchors) and (any of the seconds) and the body. That need not be
the conjunction that was once written down, but it holds for the same tokens.
"""

import numpy as np

from streams.matching.packed.base import Base
from streams.matching.packed.compiled import fixed, kernel, part, whole
from streams.matching.packed.words import ALWAYS, APART, END, LAST, MORE, QUERY, Bits, Places, Words


def unfile(base: Base, alive: Bits, rows: Words) -> Words:
    """Return records in a row of all that is filed and alive, followed by ``rows``."""
    if not len(base.words):
        return rows
    starts, most = _count(base, alive)
    anchors, seconds, places = _sort(base, alive, starts)
    return fixed(_join(base, starts, anchors, seconds, places, most, rows), np.uint32)


@part
def _after(base: Base, at: int) -> int:
    """Return where the next record starts."""
    word = base.words[at]
    at += 1
    if word & APART:
        return at + 1
    if word & MORE:
        while not base.words[at] & END:
            at += 1
        return at + 1
    return at


@part
def _body_words(base: Base, at: int) -> int:
    if base.words[at] & APART:
        return whole(base.bodies[base.words[at + 1]])
    return _after(base, at) - at - 1


@kernel
def _count(base: Base, alive: Bits) -> tuple[Places, int]:
    """Return per query where its places start, and how many words the records may need."""
    starts = np.zeros(8 * len(alive) + 1, np.int64)
    most = 0
    at = 0
    while at < len(base.words):
        query = whole(base.words[at] & QUERY)
        if (alive[query >> 3] >> (query & 7)) & 1:
            starts[query + 1] += 1
            most += 4 + _body_words(base, at)
        at = _after(base, at)
    return np.cumsum(starts), most


@kernel
def _sort(base: Base, alive: Bits, starts: Places) -> tuple[Words, Words, Words]:
    """Return by query the anchors, the seconds and where the records are; anchors rise, and seconds within one."""
    anchors = np.empty(starts[-1], np.uint32)
    seconds = np.empty(starts[-1], np.uint32)
    places = np.empty(starts[-1], np.uint32)
    ends = starts.copy()
    for anchor in range(len(base.starts) - 1):
        for run in range(base.starts[anchor], base.starts[anchor + 1]):
            at = whole(base.runs[run])
            while at < base.runs[run + 1]:
                query = whole(base.words[at] & QUERY)
                if (alive[query >> 3] >> (query & 7)) & 1:
                    i = ends[query]
                    anchors[i], seconds[i], places[i] = anchor, base.seconds[run], at
                    ends[query] += 1
                at = _after(base, at)
    return anchors, seconds, places


@kernel
def _join(
    base: Base, starts: Places, anchors: Words, seconds: Words, places: Words, most: int, more: Words
) -> Words:
    rows = np.empty(most + len(more), np.uint32)
    done = np.zeros(len(places), np.uint8)
    longest = 0
    for query in range(len(starts) - 1):
        longest = max(longest, starts[query + 1] - starts[query])
    these, those = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    end = 0
    for query in range(len(starts) - 1):
        stop = starts[query + 1]
        for first in range(starts[query], stop):
            if done[first]:
                continue
            start = end
            rows[start] = query
            end += 2
            like = whole(places[first])
            number = 0
            group = first
            while group < stop:
                after = _next_anchor(anchors, group, stop)
                into = those if number else these
                same = _seconds_of(base, seconds, places, group, after, done, like, into)
                if same > 0 and (number == 0 or (same == number and _equal(these, those, number))):
                    number = same
                    _mark(base, places, group, after, done, like)
                    rows[end] = anchors[group]
                    end += 1
                group = after
            end = _end_clause(rows, start + 2, end)
            for i in range(number):
                rows[end + i] = these[i]
            end = _end_clause(rows, end, end + number)
            end = _write_body(base, like, rows, end)
            rows[start + 1] = end - start
    for word in more:
        rows[end] = word
        end += 1
    return rows[:end].copy()


@part
def _next_anchor(anchors: Words, group: int, stop: int) -> int:
    after = group + 1
    while after < stop and anchors[after] == anchors[group]:
        after += 1
    return after


@part
def _seconds_of(
    base: Base, seconds: Words, places: Words, group: int, after: int, done: Bits, like: int, into: Words
) -> int:
    """Write down the seconds, each once, of a group's places that have a certain body, and return how many they are."""
    number = 0
    for i in range(group, after):
        if done[i] or not _same_body(base, whole(places[i]), like):
            continue
        if number == 0 or into[number - 1] != seconds[i]:
            into[number] = seconds[i]
            number += 1
    return number


@part
def _mark(base: Base, places: Words, group: int, after: int, done: Bits, like: int) -> None:
    for i in range(group, after):
        if not done[i] and _same_body(base, whole(places[i]), like):
            done[i] = 1


@part
def _same_body(base: Base, one: int, other: int) -> bool:
    words = base.words
    if words[one] != words[other]:
        return False
    if words[one] & APART:
        return bool(words[one + 1] == words[other + 1])  # it is kept once, for all places of its conjunction
    if words[one] & MORE:
        while words[one + 1] == words[other + 1]:
            if words[one + 1] & END:
                return True
            one += 1
            other += 1
        return False
    return True


@part
def _equal(these: Words, those: Words, number: int) -> bool:
    i = 0
    while i < number and these[i] == those[i]:
        i += 1
    return i == number


@part
def _end_clause(rows: Words, start: int, end: int) -> int:
    """Return where a clause ends; one that asks for what is always there is taken back."""
    if rows[start] == ALWAYS:
        return start
    rows[end - 1] |= LAST
    return end


@part
def _write_body(base: Base, at: int, rows: Words, end: int) -> int:
    word = base.words[at]
    if word & APART:
        body = whole(base.words[at + 1])
        for i in range(body + 1, body + 1 + base.bodies[body]):
            rows[end] = base.bodies[i]
            end += 1
    elif word & MORE:
        for i in range(at + 1, _after(base, at)):
            rows[end] = base.words[i] & ~END
            end += 1
    return end
