"""What a contender can do, and what there is to say when it cannot take part."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.records import Conjunction
from benchmarks._matching.subscriptions import Subscriptions

Weights = NDArray[np.float64]


class MissingError(Exception):
    """The contender is not installed here; the message says what it needs. The table names it as missing."""


class Contender(Protocol):
    """An index over all subscriptions."""

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """Return who wants a policy with these tokens (ascending), each once."""

    @property
    def nbytes(self) -> int | None:
        """Return the size of the index where it can tell."""


@runtime_checkable
class Adding(Protocol):
    """A contender that takes a further subscription; the next policy finds it."""

    def add(self, subscription: int, conjunctions: Sequence[Conjunction]) -> None:
        """Take one more."""


@runtime_checkable
class Removing(Protocol):
    """A contender that forgets a subscription; the next policy does not find it."""

    def remove(self, subscription: int) -> None:
        """Forget one."""


Builder = Callable[[Subscriptions, Weights], Contender]
