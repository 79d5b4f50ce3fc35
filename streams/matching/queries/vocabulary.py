"""The numbers of tokens: what criteria ask for, and which of that a policy has."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.texts import Texts
from streams.matching.matter import Matter
from streams.matching.packed import Conjunction
from streams.matching.queries.keywords import Keywords
from streams.matching.query import Clause, Query

FIRST = 1024
MOST_REMEMBERED = 10_000  # clauses in numbers
WORTH_FILING = 100  # policies
POLICIES_GUESSED = 20.0  # how many policies the guesses below weigh as much as
# How many of a hundred policies have such a token, until policies have been seen.
UNLABELLED = {"size": 70.0, "qualification": 80.0, "group": 80.0, "subject": 30.0, "region": 10.0}
WIDE = {
    "at:region:100000": 30.0,
    "under:region:100000": 90.0,
    "at:subject:enterprise": 60.0,
    "under:subject:enterprise": 60.0,
}
TOP, FLAT, DEEP, WORD = 25.0, 12.0, 2.0, 1.0


class Vocabulary:
    """Tokens by number from 1 on; 0 is the one that is always there.

    It counts the tokens of the policies that it is asked about: what is rare among them is worth filing under.
    """

    def __init__(self) -> None:
        self._labels: dict[str, int] = {}
        self._keywords = Keywords()
        self._clauses: dict[Clause, tuple[int, ...]] = {}
        self._seen = np.zeros(FIRST, np.float64)
        self._guessed = np.zeros(FIRST, np.float64)
        self._size = 1
        self._asked = self._filed = 0

    def __len__(self) -> int:
        return self._size - 1

    def conjunctions(self, query: Query) -> list[Conjunction]:
        """Return a query in numbers; tokens that are new get one."""
        words = (tuple(self._word(word) for word in query.keywords),) if query.keywords else ()
        excluded = self._numbers(query.excluded)
        return [
            ((*(self._numbers(clause) for clause in clauses), *words), excluded)
            for clauses in query.alternatives or ((),)
        ]

    def numbers_of(self, matter: Matter) -> NDArray[np.uint32]:
        """Return the tokens of a policy that anybody asks for, each once, and remember that it had them."""
        labels = self._labels
        found = [labels[token] for token in matter.tokens if token in labels]
        numbers = np.array(found + self._keywords.found(matter.text), np.uint32)
        self._seen[numbers] += 1
        self._asked += 1
        return numbers

    def weights(self) -> NDArray[np.float64]:
        """Return by number in how many policies a token was, those guessed included."""
        return self._guessed[: self._size] * (POLICIES_GUESSED / 100) + self._seen[: self._size]

    def learned(self) -> bool:
        """Whether so many policies were seen since this was last true that all should be filed by what they told."""
        if self._asked < WORTH_FILING + 2 * self._filed:
            return False
        self._filed = self._asked
        return True

    def copy(self) -> "Vocabulary":
        """Return the same vocabulary, to go on from there."""
        copy = Vocabulary()
        copy._labels, copy._keywords = dict(self._labels), self._keywords.copy()
        copy._seen, copy._guessed = self._seen.copy(), self._guessed.copy()
        copy._size, copy._asked, copy._filed = self._size, self._asked, self._filed
        return copy

    def inherit(self, before: "Vocabulary") -> None:
        """Take over what ``before`` has seen of the tokens that are here, too."""
        for token, number in self._labels.items():
            if old := before._labels.get(token):
                self._seen[number] = before._seen[old]
        for word, number in self._keywords:
            if old := before._keywords.find(word):
                self._seen[number] = before._seen[old]
        self._asked = self._filed = before._asked

    def settle(self) -> None:
        """Put what is new with the rest, so that it costs nothing more than that."""
        self._keywords = self._keywords.settled()

    def _numbers(self, tokens: Clause) -> tuple[int, ...]:
        numbers = self._clauses.get(tokens)
        if numbers is None:
            if len(self._clauses) >= MOST_REMEMBERED:
                self._clauses.clear()
            numbers = self._clauses[tokens] = tuple(sorted(map(self._label, tokens)))
        return numbers

    def _label(self, token: str) -> int:
        number = self._labels.get(token)
        if number is None:
            number = self._labels[token] = self._new(_guess(token))
        return number

    def _word(self, word: str) -> int:
        number = self._keywords.find(word)
        if number is None:
            number = self._new(WORD)
            self._keywords.add(word, number)
        return number

    def _new(self, guessed: float) -> int:
        number = self._size
        if number == len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros(number)])
            self._guessed = np.concatenate([self._guessed, np.zeros(number)])
        self._guessed[number] = guessed
        self._size += 1
        return number

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs; after `settle`."""
        return {
            **Texts.of(self._labels).arrays("labels"),
            "labels.numbers": np.array(list(self._labels.values()), np.uint32),
            "tokens.seen": self._seen[: self._size],
            "tokens.guessed": self._guessed[: self._size],
            "tokens.asked": np.array([self._asked, self._filed], np.int64),
            **self._keywords.arrays(),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the vocabulary that `arrays` told of."""
        made = cls()
        labels: Iterable[str] = Texts.of_arrays(arrays, "labels")
        made._labels = dict(zip(labels, arrays["labels.numbers"].tolist(), strict=True))
        made._keywords = Keywords.of_arrays(arrays)
        made._seen, made._guessed = np.array(arrays["tokens.seen"]), np.array(arrays["tokens.guessed"])
        made._size = len(made._seen)
        made._asked, made._filed = (int(count) for count in arrays["tokens.asked"])
        return made


def _guess(token: str) -> float:
    where, dimension, *code = token.split(":")
    if where == "none":
        return UNLABELLED.get(dimension, 50.0)
    if token in WIDE:
        return WIDE[token]
    if dimension == "region":
        return TOP if code[0].endswith("0000") else DEEP
    if dimension == "industry":
        return TOP if len(code[0]) == 1 else DEEP
    return FLAT
