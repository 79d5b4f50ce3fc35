"""Compiling ahead of the first question."""

import numpy as np

from streams.matching.packed.columns import Columns
from streams.matching.packed.packed import Packed


def warm_up() -> None:
    """Compile all kernels, or load them from the cache: once at the start of a service, before it says it is ready."""
    packed = Packed.build(Columns.of([(0, [(((1,), (2,), (3,)), (4,))])]))
    packed.add(1, [(((1,), (2,)), ())])
    Packed.of_arrays(packed.compacted().arrays()).match(np.array([1, 2], np.uint32))
