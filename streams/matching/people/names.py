"""Ids of subscriptions and contacts in 16 bytes each: nearly all of them are UUIDs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.texts import Texts

# A row that begins with eight bytes of 255 is no UUID: its other half is the number of a text, or says None.
_UUID = re.compile(r"(?!ffffffff-ffff-ffff)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ODD = np.uint64(2**64 - 1)
_NONE = 2**64 - 1
FEW = 64  # odd texts that are kept ready
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
_DIGITS = np.array([at for at in range(36) if at not in (8, 13, 18, 23)])


class Names:
    """Names by number, each a text or None; immutable, the arrays may be mapped from files.

    Args:
        rows: (n, 2) uint64, the bytes of the UUIDs.
        odd: the texts that are none, each once.
    """

    def __init__(self, rows: NDArray[np.uint64], odd: Texts) -> None:
        self.rows, self.odd = rows, odd
        self._few = list(odd) if len(odd) <= FEW else None  # "space" is everybody's

    @classmethod
    def of(cls, names: Iterable[str | None]) -> Self:
        """Return these names."""
        odd: dict[str, int] = {}
        packed = bytearray()
        for name in names:
            if name is not None and _UUID.fullmatch(name):
                packed += bytes.fromhex(name.replace("-", ""))
            else:
                number = _NONE if name is None else odd.setdefault(name, len(odd))
                packed += b"\xff" * 8 + number.to_bytes(8, "little")
        return cls(np.frombuffer(bytes(packed), "<u8").reshape(-1, 2), Texts.of(odd))

    def __len__(self) -> int:
        return len(self.rows)

    def listed(self, at: NDArray[Any]) -> list[str | None]:
        """Return the names with these numbers."""
        rows = np.ascontiguousarray(self.rows[at])
        spelled = np.full((len(rows), 36), ord("-"), np.uint8)
        spelled[:, _DIGITS] = _HEX[rows.view(np.uint8)].reshape(len(rows), 32)
        text = spelled.tobytes().decode()
        names: list[str | None] = [text[start : start + 36] for start in range(0, len(text), 36)]
        odd = np.flatnonzero(rows[:, 0] == _ODD)
        texts = self._few or self.odd
        for place, number in zip(odd.tolist(), rows[odd, 1].tolist(), strict=True):
            names[place] = None if number == _NONE else texts[number]
        return names

    @classmethod
    def join(cls, parts: Sequence["Names"]) -> "Names":
        """Return the names of all parts, in their order; what no row names any more is left behind."""
        odd: dict[str, int] = {}
        rows = [np.empty((0, 2), np.uint64)]
        for part in parts:
            copy = np.array(part.rows)
            which = np.flatnonzero((copy[:, 0] == _ODD) & (copy[:, 1] != np.uint64(_NONE)))
            used, place = np.unique(copy[which, 1], return_inverse=True)
            texts = part.odd.listed(used.astype(np.int64))
            numbers = np.array([odd.setdefault(text, len(odd)) for text in texts], np.uint64)
            copy[which, 1] = numbers[place]
            rows.append(copy)
        return cls(np.concatenate(rows), Texts.of(odd))

    def take(self, at: NDArray[Any]) -> "Names":
        """Return the names with these numbers, as they are kept."""
        return Names(self.rows[at], self.odd)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs, under names that begin with ``name``."""
        return {f"{name}.rows": self.rows} | self.odd.arrays(f"{name}.odd")

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """Return the names that `arrays` told of."""
        return cls(arrays[f"{name}.rows"], Texts.of_arrays(arrays, f"{name}.odd"))
