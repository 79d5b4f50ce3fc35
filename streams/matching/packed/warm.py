"""Compiling ahead of the first question."""

import numpy as np

from streams.matching.packed.columns import Columns
from streams.matching.packed.packed import Packed


def warm_up() -> None:
    """Compile all kernels, or load them from the cache: once at a service's start, before it says it is ready.

    Some ten seconds where nothing is in the cache, well under a second where it is.
    """
    packed = Packed.build(Columns.of([(0, [(((1,), (2,), (3,)), (4,))])]))
    packed.add(1, [(((1,), (2,)), ())])
    packed.compacted().compacted(anew=True).match(np.array([1, 2], np.uint32))
