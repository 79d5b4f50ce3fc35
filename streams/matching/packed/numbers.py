"""A set of query numbers, a bit each."""

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.words import Bits

FEWEST = 128  # bytes


class Numbers:
    """Numbers that one thread changes while others read copies of them."""

    def __init__(self, bits: bytes = b"") -> None:
        self._bytes = bytearray(bits)

    @classmethod
    def of(cls, numbers: NDArray[np.uint32]) -> "Numbers":
        """Return the set of these numbers."""
        flags = np.zeros(int(numbers.max(initial=0)) + 1, np.uint8)
        flags[numbers] = 1
        return cls(np.packbits(flags, bitorder="little").tobytes())

    def __contains__(self, number: int) -> bool:
        return 0 <= number >> 3 < len(self._bytes) and bool(self._bytes[number >> 3] >> (number & 7) & 1)

    def __len__(self) -> int:
        return int(np.bitwise_count(np.frombuffer(self._bytes, np.uint8)).sum())

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self._bytes)

    def reach(self, number: int) -> None:
        """Make room for a number."""
        if number >> 3 >= len(self._bytes):
            # A new one, because those who read the old one hold on to it.
            self._bytes = self._bytes + bytearray((number >> 3) + FEWEST - len(self._bytes) // 2)

    def add(self, number: int) -> None:
        """Take a number in."""
        self.reach(number)
        self._bytes[number >> 3] |= 1 << (number & 7)

    def discard(self, number: int) -> None:
        """Take a number out, if it is in."""
        if number in self:
            self._bytes[number >> 3] &= ~(1 << (number & 7))

    def update(self, others: "Numbers") -> None:
        """Take all the others in."""
        size = max(len(self._bytes), len(others._bytes))
        mine, theirs = (bytes(one._bytes).ljust(size, b"\0") for one in (self, others))
        self._bytes = bytearray((np.frombuffer(mine, np.uint8) | np.frombuffer(theirs, np.uint8)).tobytes())

    def isdisjoint(self, others: "Numbers") -> bool:
        """Whether no number is in both."""
        size = min(len(self._bytes), len(others._bytes))
        mine, theirs = (np.frombuffer(one._bytes, np.uint8, size) for one in (self, others))
        return not bool((mine & theirs).any())

    def bits(self) -> Bits:
        """Return a copy, which may be written."""
        return np.frombuffer(self._bytes, np.uint8).copy()
