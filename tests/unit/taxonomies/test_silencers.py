"""A rule without codes keeps shorter words inside its own from being read; one that hides nothing is none."""

from collections import defaultdict

from config.taxonomies import load_lexicon
from streams.labelling.normalise import fold


def test_every_word_of_a_rule_without_codes_hides_another() -> None:
    hiding: dict[str, set[str]] = defaultdict(set)
    counting: dict[str, set[str]] = defaultdict(set)
    for rule in load_lexicon().rules:
        if rule.dimension != "region":
            (counting if rule.codes else hiding)[rule.dimension] |= set(map(fold, rule.terms))
    idle = {
        f"{dimension}: {word}"
        for dimension, words in hiding.items()
        for word in words
        if word in counting[dimension]
        or not any(term.strip("^$") in word.strip("^$") for term in counting[dimension])
    }
    assert idle == set()
