"""Where a policy applies, as a code of GB/T 2260, with the words that say so."""

from streams.labelling.regions.finder import RegionFinder

__all__ = ["RegionFinder"]
