"""Audience labels: dimensions, codes and the words that point to them, all of it data that an office can edit."""

from config.taxonomies.errors import TaxonomyDataError, UnknownLabelError
from config.taxonomies.lexicon import SEGMENTS, Implied, Lexicon, Policy, Term, load_lexicon
from config.taxonomies.references import LabelRef, parse_label
from config.taxonomies.taxonomy import Entry, Taxonomy, load_taxonomy

__all__ = [
    "SEGMENTS",
    "Entry",
    "Implied",
    "LabelRef",
    "Lexicon",
    "Policy",
    "Taxonomy",
    "TaxonomyDataError",
    "Term",
    "UnknownLabelError",
    "load_lexicon",
    "load_taxonomy",
    "parse_label",
]
