"""The policy's own words that prove its labels and facts, marked in the text. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol


class Proof(Protocol):
    """What the words from ``start`` to ``end`` prove, a label or a fact; ``quote`` is "" where none do."""

    @property
    def start(self) -> int:
        """Where the words begin in the body, in characters."""

    @property
    def end(self) -> int:
        """Where they end."""

    @property
    def quote(self) -> str:
        """The words."""


@dataclass(frozen=True)
class Piece:
    """A run of text: ``proves`` are the indexes of what it proves, ``starts`` of what begins to be proven here."""

    text: str
    proves: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()


def marked(body: str, proofs: Sequence[Proof]) -> list[list[Piece]]:
    """Return the paragraphs of ``body``, each as pieces; overlapping proofs are parted where one begins or ends.

    What has no words, or whose words are not in the text (offsets outside of it), marks nothing.
    """
    spans = [
        (proof.start, proof.end, index)
        for index, proof in enumerate(proofs)
        if proof.quote and 0 <= proof.start < proof.end <= len(body)
    ]
    paragraphs = []
    at = 0
    for line in body.splitlines(keepends=True):
        text = line.rstrip()
        if text:
            paragraphs.append(
                _pieces(text, at, [span for span in spans if span[0] < at + len(text) and span[1] > at])
            )
        at += len(line)
    return paragraphs


def _pieces(text: str, at: int, spans: Sequence[tuple[int, int, int]]) -> list[Piece]:
    end = at + len(text)
    cuts = sorted(
        {at, end, *(max(at, start) for start, _, _ in spans), *(min(end, stop) for _, stop, _ in spans)}
    )
    pieces = []
    for start, stop in pairwise(cuts):
        proven = tuple(index for first, last, index in spans if first <= start and stop <= last)
        begun = tuple(index for first, _, index in spans if first == start)
        pieces.append(Piece(text[start - at : stop - at], proven, begun))
    return pieces
