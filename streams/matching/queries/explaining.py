"""Reasons of one policy's matches: each clause and each query is looked at once, however many share it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from streams.matching.matter import Matter
from streams.matching.people.wishes import query_from
from streams.matching.queries.queries import Queries
from streams.matching.queries.shorthand import CLAUSE, PART, WAY, clause_in_full, is_short
from streams.matching.query import Clause, related

UNRESTRICTED = "or_unrestricted"

Labels = tuple[str, ...]


class Explained:
    """The reasons of queries for one policy; of such that fit, and the same that `Query.reasons` returns.

    Criteria are read in their short form, without putting a query together: that is what a broad policy waits for.

    Args:
        queries: by number.
        matter: what the policy is.
    """

    def __init__(self, queries: Queries, matter: Matter) -> None:
        self._queries, self._matter = queries, matter
        self._known: dict[int, Labels] = {}
        self._written: dict[str, Labels | None] = {}
        self._codes: dict[tuple[str, str], Clause] = {}
        self._words: dict[str, bool] = {}

    def of(self, numbers: Sequence[int]) -> list[Labels]:
        """Return the reasons of each query."""
        known = self._known
        new = [number for number in dict.fromkeys(numbers) if number not in known]
        for number, text in zip(new, self._queries.texts(new), strict=True):
            known[number] = self._of_short(text) if is_short(text) else self._of_query(text)
        return [known[number] for number in numbers]

    def _of_short(self, text: str) -> Labels:
        ways, words, _, _ = text.split(PART)
        found: list[str] = []
        for way in ways.split(WAY) if ways else ():
            reasons: list[str] = []
            for clause in way.split(CLAUSE):
                labels = self._of_clause(clause)
                if labels is None:
                    break
                reasons += labels
            else:
                found += reasons
        if words:
            found += [f"keyword:{word}" for word in words.split(WAY) if self._occurs(word)]
        return tuple(dict.fromkeys(found))

    def _of_clause(self, short: str) -> Labels | None:
        try:
            return self._written[short]
        except KeyError:
            labels = self._written[short] = self._labels(self._tokens_of(clause_in_full(short)))
            return labels

    def _tokens_of(self, clause: Mapping[str, Any]) -> set[str]:
        """Return the policy's tokens that make a clause hold."""
        found = set[str]()
        for dimension, codes in clause.items():
            if dimension == UNRESTRICTED:
                continue
            for code in codes:
                if (dimension, code) not in self._codes:
                    tokens = related(dimension, code, self._queries.ancestors)
                    self._codes[dimension, code] = tokens & self._matter.tokens
                found |= self._codes[dimension, code]
            if clause.get(UNRESTRICTED) and f"none:{dimension}" in self._matter.tokens:
                found.add(f"none:{dimension}")
        return found

    def _of_query(self, text: str) -> Labels:
        return query_from(text, self._queries.ancestors).reasons(self._matter)

    def _labels(self, tokens: Collection[str]) -> Labels | None:
        """Return the labels that emitted tokens, None where there are no tokens."""
        labels_of = self._matter.labels_of
        return tuple(label for token in sorted(tokens) for label in labels_of[token]) if tokens else None

    def _occurs(self, word: str) -> bool:
        if word not in self._words:
            self._words[word] = word in self._matter.text
        return self._words[word]
