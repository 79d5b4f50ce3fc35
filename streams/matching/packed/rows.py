"""Records in a row: how the delta keeps queries, and how everything is written down before it is filed."""

from array import array
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from streams.matching.packed.columns import Columns, Conjunction
from streams.matching.packed.compiled import fixed, kernel, part
from streams.matching.packed.words import (
    EXCLUDED,
    LAST,
    QUERIES,
    TOKEN,
    TOKENS,
    Bits,
    Places,
    Words,
)

MOST_REMEMBERED = 10_000  # clauses


def encode(query: int, conjunctions: Sequence[Conjunction]) -> Words:
    """Return the records of one query; a conjunction that can never hold leaves none.

    Raises:
        ValueError: a query or token number is out of range.
    """
    if not 0 <= query < QUERIES:
        raise ValueError(f"query {query} is not from 0 to {QUERIES - 1}")
    words = array("I")
    for clauses, excluded in conjunctions:
        if not all(clauses):
            continue
        start = len(words)
        words.extend((query, 0))
        for clause in clauses:
            words.extend(_clause(clause))
        words.extend(token | EXCLUDED | LAST for token in _distinct(excluded))
        words[start + 1] = len(words) - start
    return np.frombuffer(words, np.uint32) if words else np.empty(0, np.uint32)


@lru_cache(maxsize=MOST_REMEMBERED)  # many queries ask for the same regions, sizes and trades
def _clause(tokens: tuple[int, ...]) -> "array[int]":
    words = array("I", _distinct(tokens))
    words[-1] |= LAST
    return words


def _distinct(tokens: Sequence[int]) -> Sequence[int]:
    for token in tokens:
        if not 0 <= token < TOKENS:
            raise ValueError(f"token {token} is not from 0 to {TOKENS - 1}")
    return tokens if len(tokens) == 1 else tuple(dict.fromkeys(tokens))


def rows_of(columns: Columns) -> Words:
    """Return the records of columns.

    Raises:
        ValueError: see `Columns.check`.
    """
    columns.check()
    words = np.empty(2 * len(columns.owner) + len(columns.tokens) + len(columns.excluded), np.uint32)
    end = _write(
        fixed(columns.owner, np.uint32),
        fixed(columns.clause_starts, np.int64),
        fixed(columns.token_starts, np.int64),
        fixed(columns.tokens, np.uint32),
        fixed(columns.excluded_starts, np.int64),
        fixed(columns.excluded, np.uint32),
        np.full(columns.highest + 1, -1, np.int64),
        words,
    )
    return words[:end]


@kernel
def _write(
    owner: Words,
    clause_starts: Places,
    token_starts: Places,
    tokens: Words,
    excluded_starts: Places,
    excluded: Words,
    written: Places,
    words: Words,
) -> int:
    end = 0
    for i in range(len(owner)):
        start = end
        words[end] = owner[i]
        end += 2
        possible = True
        for clause in range(clause_starts[i], clause_starts[i + 1]):
            first = end
            end = _write_distinct(
                tokens, token_starts[clause], token_starts[clause + 1], clause, written, 0, words, end
            )
            possible = possible and end > first
            words[end - 1] |= LAST
        end = _write_distinct(
            excluded,
            excluded_starts[i],
            excluded_starts[i + 1],
            len(token_starts) + i,
            written,
            EXCLUDED | LAST,
            words,
            end,
        )
        words[start + 1] = end - start
        if not possible:
            end = start
    return end


@part
def _write_distinct(
    tokens: Words, start: int, stop: int, name: int, written: Places, marks: int, words: Words, end: int
) -> int:
    """Append tokens, each once: ``written`` says by token the name of the last list that had it."""
    for t in range(start, stop):
        token = tokens[t]
        if written[token] != name:
            written[token] = name
            words[end] = token | marks
            end += 1
    return end


@part
def holds(words: Words, at: int, end: int, have: Bits) -> bool:
    """Whether the body from ``at`` to ``end`` holds for the tokens there are."""
    while at < end:
        word = words[at]
        at += 1
        there = have[word & TOKEN]
        if word & EXCLUDED:
            if there:
                return False
            continue
        while not word & LAST:
            word = words[at]
            at += 1
            there |= have[word & TOKEN]
        if not there:
            return False
    return True
