"""An array that grows at its end."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FIRST = 64


class Growing:
    """Values of one type, appended one by one or many at a time; what stands may be changed.

    Args:
        dtype: of the values.
        given: what it begins with; it is copied.
        shape: of one value.
    """

    def __init__(
        self, dtype: DTypeLike, given: NDArray[Any] | None = None, shape: tuple[int, ...] = ()
    ) -> None:
        self.size = 0 if given is None else len(given)
        self._array: NDArray[Any] = np.zeros((self.size + FIRST, *shape), dtype)
        if given is not None:
            self._array[: self.size] = given

    def append(self, value: Any) -> None:
        """Add a value at the end."""
        if self.size == len(self._array):
            self._grow(1)
        self._array[self.size] = value
        self.size += 1

    def extend(self, count: int, value: Any) -> None:
        """Add the same value several times."""
        if self.size + count > len(self._array):
            self._grow(count)
        self._array[self.size : self.size + count] = value
        self.size += count

    def _grow(self, count: int) -> None:
        longer = np.zeros((2 * self.size + count, *self._array.shape[1:]), self._array.dtype)
        longer[: self.size] = self._array[: self.size]
        self._array = longer

    @property
    def values(self) -> NDArray[Any]:
        """What is there, not a copy; to be asked for anew after something was added."""
        return self._array[: self.size]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._array.nbytes
