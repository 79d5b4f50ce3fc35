"""Matching over integers: queries of token numbers, packed so that a million are asked in about a millisecond."""

from streams.matching.packed.columns import Columns, Conjunction
from streams.matching.packed.packed import Packed
from streams.matching.packed.warm import warm_up

__all__ = ["Columns", "Conjunction", "Packed", "warm_up"]
