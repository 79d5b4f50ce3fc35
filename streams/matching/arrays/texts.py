"""Many short texts in one stretch of bytes, and how to find one again without a dictionary of objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

TOGETHER = 1 << 16  # texts that are copied at a time: the places of their bytes take eight times their length


def spread(starts: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Return the numbers of several ranges, one after the other.

    Args:
        starts: (n,) where each begins.
        lengths: (n,) how many numbers each has.
    """
    lengths = lengths.astype(np.int64)
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts.astype(np.int64) - (ends - lengths), lengths) + np.arange(total, dtype=np.int64)


def starts_of(lengths: NDArray[Any] | Sequence[int]) -> NDArray[np.uint32]:
    """Return where ranges of these lengths begin and, as the last number, where they all end.

    Raises:
        OverflowError: beyond 2**32; a shard of that size is to be split into more shards.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    if len(ends) and ends[-1] >= 1 << 32:
        raise OverflowError(f"{ends[-1]} in one shard of the index, at most {1 << 32}: use more shards")
    return np.concatenate([[0], ends]).astype(np.uint32)


class Texts:
    """Texts by number, immutable; the arrays may be mapped from files.

    Args:
        heap: (bytes,) UTF-8, one after the other.
        starts: (n + 1,) uint32.
    """

    def __init__(self, heap: NDArray[np.uint8], starts: NDArray[np.uint32]) -> None:
        self.heap, self.starts = heap, starts
        self._bytes = heap.data

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return these texts."""
        encoded = [text.encode() for text in texts]
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts_of([len(one) for one in encoded]))

    @classmethod
    def join(cls, parts: Sequence["Texts"]) -> Self:
        """Return the texts of all parts, in their order."""
        lengths = np.concatenate([np.diff(part.starts) for part in parts])
        return cls(np.concatenate([part.heap for part in parts]), starts_of(lengths))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: int) -> str:
        return str(self._bytes[int(self.starts[at]) : int(self.starts[at + 1])], "utf-8")

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), TOGETHER):
            yield from self.listed(np.arange(first, min(first + TOGETHER, len(self))))

    def listed(self, at: NDArray[Any]) -> list[str]:
        """Return the texts with these numbers."""
        bytes_ = self._bytes
        pairs = zip(self.starts[at].tolist(), self.starts[at + 1].tolist(), strict=True)
        return [str(bytes_[start:end], "utf-8") for start, end in pairs]

    def take(self, at: NDArray[Any]) -> "Texts":
        """Return the texts with these numbers, as they are kept."""
        lengths = np.diff(self.starts)[at]
        parts = [np.empty(0, np.uint8)]
        for first in range(0, len(at), TOGETHER):
            some = slice(first, first + TOGETHER)
            parts.append(self.heap[spread(self.starts[at[some]], lengths[some])])
        return Texts(np.concatenate(parts), starts_of(lengths))

    def emptied(self, keep: NDArray[np.bool_]) -> "Texts":
        """Return the same with nothing in place of the texts that are not kept.

        Args:
            keep: (n,).
        """
        lengths = np.diff(self.starts)
        return Texts(self.heap[np.repeat(keep, lengths)], starts_of(lengths * keep))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs, under names that begin with ``name``."""
        return {f"{name}.heap": self.heap, f"{name}.starts": self.starts}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """Return the texts that `arrays` told of."""
        return cls(arrays[f"{name}.heap"], arrays[f"{name}.starts"])


class Lookup:
    """From a text to its number: sorted checksums, and the text itself to be sure.

    Args:
        texts: to be found.
        sums: (n,) uint32, sorted.
        order: (n,) uint32, whose sums those are.
    """

    def __init__(self, texts: Texts, sums: NDArray[np.uint32], order: NDArray[np.uint32]) -> None:
        self.texts, self.sums, self.order = texts, sums, order

    @classmethod
    def of(cls, texts: Texts, sums: NDArray[np.uint32]) -> Self:
        """Return the lookup of texts with these checksums, see `sums_of`."""
        order = np.argsort(sums, kind="stable").astype(np.uint32)
        return cls(texts, sums[order], order)

    def find(self, text: str) -> int:
        """Return the number of the last such text, -1 where it is not here."""
        wanted = np.uint32(crc32(text.encode()))
        at = int(self.sums.searchsorted(wanted, side="right")) - 1
        while at >= 0 and self.sums[at] == wanted:
            number = int(self.order[at])
            if self.texts[number] == text:
                return number
            at -= 1
        return -1

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs, under names that begin with ``name``."""
        return self.texts.arrays(name) | {f"{name}.sums": self.sums, f"{name}.order": self.order}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """Return the lookup that `arrays` told of."""
        return cls(Texts.of_arrays(arrays, name), arrays[f"{name}.sums"], arrays[f"{name}.order"])


def sums_of(texts: Iterable[str]) -> NDArray[np.uint32]:
    """Return the checksums that a `Lookup` sorts by."""
    return np.fromiter((crc32(text.encode()) for text in texts), np.uint32)
