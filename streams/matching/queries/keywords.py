"""Keywords in a text: all that anybody asks for are looked for in one pass, as they are written."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from daachorse import CharwiseDoubleArrayAhoCorasick
from numpy.typing import NDArray

from streams.matching.arrays.texts import Texts

LOOSE = 64  # new words that are looked for one by one; then they get an automaton of their own


class _Automaton:
    """Words that are there to stay.

    Args:
        words: what to look for, each once.
        numbers: (n,) uint32, their tokens.
        built: the automaton of the words as it writes itself, where one was made before.
    """

    def __init__(self, words: Texts, numbers: NDArray[np.uint32], built: bytes | None = None) -> None:
        self.words, self.numbers = words, numbers
        self._inner = (
            CharwiseDoubleArrayAhoCorasick(list(words))
            if built is None
            else CharwiseDoubleArrayAhoCorasick.deserialize(built)
        )

    def find(self, word: str) -> int | None:
        """Return the token of a word."""
        for start, end, at in self._inner.find_overlapping(word):
            if end - start == len(word):
                return int(self.numbers[at])
        return None

    def found(self, text: str) -> list[int]:
        """Return the tokens of the words that occur in a text."""
        places = {at for _, _, at in self._inner.find_overlapping(text)}
        found: list[int] = self.numbers[list(places)].tolist()
        return found

    def serialised(self) -> NDArray[np.uint8]:
        """Return the automaton as it writes itself."""
        return np.frombuffer(bytes(self._inner.serialize()), np.uint8)


class Keywords:
    """Words and their tokens."""

    def __init__(self) -> None:
        self._settled: list[_Automaton] = []
        self._loose: dict[str, int] = {}

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """All words and their tokens."""
        yield from self._loose.items()
        for one in self._settled:
            yield from zip(one.words, one.numbers.tolist(), strict=True)

    def find(self, word: str) -> int | None:
        """Return the token of a word, None where nobody asked for it yet."""
        number = self._loose.get(word)
        if number is not None:
            return number
        return next((found for one in self._settled if (found := one.find(word)) is not None), None)

    def add(self, word: str, number: int) -> None:
        """Look for a word from now on.

        Args:
            word: not here yet, not empty.
            number: its token.
        """
        self._loose[word] = number
        if len(self._loose) >= LOOSE:
            self._settle()

    def _settle(self) -> None:
        numbers = np.array(list(self._loose.values()), np.uint32)
        self._settled.append(_Automaton(Texts.of(self._loose), numbers))
        self._loose = {}

    def found(self, text: str) -> list[int]:
        """Return the tokens of the words that occur in a text."""
        found = [number for word, number in self._loose.items() if word in text]
        for one in self._settled:
            found += one.found(text)
        return found

    def copy(self) -> "Keywords":
        """Return the same words, to go on from there."""
        copy = Keywords()
        copy._settled, copy._loose = list(self._settled), dict(self._loose)
        return copy

    def settled(self) -> "Keywords":
        """Return the same words with one automaton for all."""
        settled = self.copy()
        if settled._loose:
            settled._settle()
        if len(settled._settled) > 1:
            words = Texts.join([one.words for one in settled._settled])
            numbers = np.concatenate([one.numbers for one in settled._settled])
            settled._settled = [_Automaton(words, numbers)]
        return settled

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs; of `settled` words."""
        if not self._settled:
            return {}
        one = self._settled[0]
        return one.words.arrays("keywords") | {
            "keywords.numbers": one.numbers,
            "keywords.automaton": one.serialised(),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the words that `arrays` told of."""
        keywords = cls()
        if "keywords.numbers" in arrays:
            words = Texts.of_arrays(arrays, "keywords")
            built = arrays["keywords.automaton"].tobytes()
            keywords._settled = [_Automaton(words, arrays["keywords.numbers"], built)]
        return keywords
