"""Audience labels: dimensions, codes and the words that point to them, all of it data that an office can edit."""

from config.taxonomies.errors import TaxonomyDataError, UnknownLabelError
from config.taxonomies.lexicon import Lexicon, load_lexicon
from config.taxonomies.policies import Implied, Policy
from config.taxonomies.references import LabelRef, parse_label
from config.taxonomies.rules import PLACES, SECTIONS, Nearby, Presence, Rule
from config.taxonomies.taxonomy import Entry, Taxonomy, load_taxonomy

__all__ = [
    "PLACES",
    "SECTIONS",
    "Entry",
    "Implied",
    "LabelRef",
    "Lexicon",
    "Nearby",
    "Policy",
    "Presence",
    "Rule",
    "Taxonomy",
    "TaxonomyDataError",
    "UnknownLabelError",
    "load_lexicon",
    "load_taxonomy",
    "parse_label",
]
