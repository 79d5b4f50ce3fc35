"""Reasons of one policy's matches: each clause and each query is looked at once, however many share it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from streams.matching.matter import Matter
from streams.matching.queries import Queries
from streams.matching.query import Clause, related
from streams.matching.wishes import is_profile, query_from

UNRESTRICTED = "or_unrestricted"

Labels = tuple[str, ...]


class Explained:
    """The reasons of queries for one policy; of such that fit, and the same that `Query.reasons` returns.

    Criteria are read as they are written, without putting a query together: that is what a broad policy waits for.

    Args:
        queries: by number.
        matter: what the policy is.
    """

    def __init__(self, queries: Queries, matter: Matter) -> None:
        self._queries, self._matter = queries, matter
        self._known: dict[int, Labels] = {}
        self._written: dict[tuple[str, ...], Labels | None] = {}
        self._codes: dict[tuple[str, str], Clause] = {}
        self._clauses: dict[Clause, Labels] = {}
        self._words: dict[str, bool] = {}

    def of(self, numbers: Sequence[int]) -> list[Labels]:
        """Return the reasons of each query."""
        known = self._known
        new = [number for number in dict.fromkeys(numbers) if number not in known]
        for number, text in zip(new, self._queries.texts(new), strict=True):
            known[number] = self._of_profile(text) if is_profile(text) else self._of_criteria(text)
        return [known[number] for number in numbers]

    def _of_criteria(self, text: str) -> Labels:
        criteria: Mapping[str, Any] = orjson.loads(text)  # of the numbers in it none is looked at
        found: list[str] = []
        for way in criteria.get("any", ()):
            reasons: list[str] = []
            for clause in way["all"]:
                labels = self._of_clause(clause)
                if labels is None:
                    break
                reasons += labels
            else:
                found += reasons
        found += [f"keyword:{word}" for word in criteria.get("keywords", ()) if self._occurs(word)]
        return tuple(dict.fromkeys(found))

    def _of_clause(self, clause: Mapping[str, Any]) -> Labels | None:
        key = (*clause, *(code for codes in clause.values() if codes is not True for code in codes))
        try:
            return self._written[key]
        except KeyError:
            labels = self._written[key] = self._labels(self._tokens_of(clause))
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

    def _of_profile(self, text: str) -> Labels:
        found: list[str] = []
        for clauses in query_from(text, self._queries.ancestors).alternatives:
            for clause in clauses:
                if clause not in self._clauses:
                    self._clauses[clause] = self._labels(clause & self._matter.tokens) or ()
                found += self._clauses[clause]
        return tuple(dict.fromkeys(found))

    def _labels(self, tokens: Collection[str]) -> Labels | None:
        """Return the labels that emitted tokens, None where there are no tokens."""
        labels_of = self._matter.labels_of
        return tuple(label for token in sorted(tokens) for label in labels_of[token]) if tokens else None

    def _occurs(self, word: str) -> bool:
        if word not in self._words:
            self._words[word] = word in self._matter.text
        return self._words[word]
