"""Facts that a document states of itself, each with the words that prove it."""

from streams.labelling.facts.model import Amount, Condition, Fact, Facts
from streams.labelling.facts.reading import read_facts

__all__ = ["Amount", "Condition", "Fact", "Facts", "read_facts"]
