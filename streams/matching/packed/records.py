"""A conjunction as a record of 32-bit words, and the kernels that write and read many of them in a row.

word 0      query number; top bit: MANY, the query has several records and must be told only once
word 1      words of the record
then        tokens of the clauses, the last of each marked LAST
then        excluded tokens, marked EXCLUDED
"""

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.columns import QUERIES, TOKENS, Columns, Conjunction
from streams.matching.packed.compiled import kernel

MANY = 1 << 31
LAST = 1 << 31
EXCLUDED = 1 << 30
NUMBER = MANY - 1
TOKEN = EXCLUDED - 1

Words = NDArray[np.uint32]


def encode(query: int, conjunctions: Sequence[Conjunction]) -> "array[int]":
    """Return the records of one query; what can never hold leaves none.

    Raises:
        ValueError: a query or token number is out of range.
    """
    if not 0 <= query < QUERIES:
        raise ValueError(f"query {query} is not from 0 to {QUERIES - 1}")
    words = array("I")
    many = MANY if len(conjunctions) > 1 else 0
    for clauses, excluded in conjunctions:
        if not all(clauses):
            continue
        start = len(words)
        words.append(query | many)
        words.append(0)
        for clause in clauses:
            words.extend(_checked(clause))
            words[-1] |= LAST
        words.extend(token | EXCLUDED for token in _checked(excluded))
        words[start + 1] = len(words) - start
    return words


def _checked(tokens: Sequence[int]) -> Sequence[int]:
    for token in tokens:
        if not 0 <= token < TOKENS:
            raise ValueError(f"token {token} is not from 0 to {TOKENS - 1}")
    return tokens


def flat(columns: Columns) -> Words:
    """Return the records of columns, one after the other."""
    owner, tokens = columns.owner, columns.tokens
    size = 2 * len(owner) + len(tokens) + len(columns.excluded)
    many = np.zeros(int(owner.max(initial=0)) + 1, np.uint8)
    words = np.empty(size, np.uint32)
    end = _write(
        owner,
        columns.clause_starts,
        columns.token_starts,
        tokens,
        columns.excluded_starts,
        columns.excluded,
        many,
        words,
    )
    return words[:end]


@kernel
def _write(
    owner: Words,
    clause_starts: NDArray[np.int64],
    token_starts: NDArray[np.int64],
    tokens: Words,
    excluded_starts: NDArray[np.int64],
    excluded: Words,
    many: NDArray[np.uint8],
    words: Words,
) -> int:
    for query in owner:
        many[query] = min(many[query] + 1, 2)
    end = 0
    for i in range(len(owner)):
        at = end
        words[at] = owner[i] | (MANY if many[owner[i]] > 1 else 0)
        end += 2
        possible = True
        for clause in range(clause_starts[i], clause_starts[i + 1]):
            if token_starts[clause] == token_starts[clause + 1]:
                possible = False
            for t in range(token_starts[clause], token_starts[clause + 1]):
                words[end] = tokens[t] | (LAST if t + 1 == token_starts[clause + 1] else 0)
                end += 1
        for x in range(excluded_starts[i], excluded_starts[i + 1]):
            words[end] = excluded[x] | EXCLUDED
            end += 1
        words[at + 1] = end - at
        if not possible:
            end = at
    return end


@kernel
def scan(
    words: Words,
    end: int,
    have: NDArray[np.uint8],
    alive: NDArray[np.uint8],
    seen: NDArray[np.uint8],
    found: Words,
    count: int,
) -> tuple[Words, int]:
    """Append the queries of all records that hold.

    Args:
        words: records.
        end: where they end.
        have: by token, 1 where it is there; as long as the highest token in the records.
        alive: a bit per query.
        seen: a bit per query, set for what has been found.
        found: queries found before; a longer copy is made where it is too short.
        count: how many those are.

    Returns:
        ``found`` and how many it holds now.
    """
    at = 0
    while at < end:
        first = at
        i = at + 2
        at += words[at + 1]
        holds = True
        while i < at and holds:
            word = words[i]
            i += 1
            if word & EXCLUDED:
                holds = have[word & TOKEN] == 0
                continue
            one = have[word & TOKEN]
            while not word & LAST:
                word = words[i]
                i += 1
                one |= have[word & TOKEN]
            holds = one != 0
        if holds:
            query = np.int64(words[first] & NUMBER)
            bit = 1 << (query & 7)
            if alive[query >> 3] & bit and not seen[query >> 3] & bit:
                seen[query >> 3] |= bit
                if count == len(found):
                    longer = np.empty(2 * count, np.uint32)
                    longer[:count] = found
                    found = longer
                found[count] = query
                count += 1
    return found, count
