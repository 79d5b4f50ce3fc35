"""From the text of a policy to its audience labels."""

from collections.abc import Sequence
from functools import cache

from config.taxonomies import Lexicon, Taxonomy, load_lexicon, load_taxonomy, parse_label
from streams.labelling.layout import lay_out
from streams.labelling.mentions import TermFinder
from streams.labelling.model import Label
from streams.labelling.normalise import bare_title, normalise
from streams.labelling.regions import RegionFinder
from streams.labelling.scoring import decide, score


class Labeller:
    """Labels documents by one taxonomy and one lexicon; pure once built."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon) -> None:
        self.taxonomy = taxonomy
        self.lexicon = lexicon
        self._terms = TermFinder([term for term in lexicon.terms if term.dimension != "region"])
        self._regions = RegionFinder(taxonomy, lexicon)

    def label(
        self,
        *,
        title: str,
        body: str,
        issuer: str,
        region_hint: str | None = None,
        given: Sequence[str] = (),
    ) -> tuple[Label, ...]:
        """See `label_document`."""
        stated = _stated(given, self.taxonomy)
        text = normalise(body)
        mentions = [*self._terms.in_title(bare_title(title)), *self._terms.in_body(text, lay_out(text))]
        scores = score(mentions, self.lexicon.policies)
        labels: list[Label] = []
        for dimension, policy in self.lexicon.policies.items():
            said = [label for label in stated if label.dimension == dimension]
            if said:
                labels += said
            elif dimension == "region":
                labels += self._regions.find(title=title, body=body, issuer=issuer, hint=region_hint)
            else:
                labels += decide(dimension, scores.of(dimension), policy, body, labels)
        order = {dimension: place for place, dimension in enumerate(self.taxonomy.dimensions)}
        return tuple(sorted(labels, key=lambda label: order[label.dimension]))


@cache
def default_labeller() -> Labeller:
    """The labeller of the taxonomy and lexicon that ship with the service, built at first use."""
    return Labeller(load_taxonomy(), load_lexicon())


def label_document(
    *, title: str, body: str, issuer: str, region_hint: str | None = None, given: Sequence[str] = ()
) -> tuple[Label, ...]:
    """The audience labels of a policy, in the order of the taxonomy's dimensions, best first within one.

    Args:
        title: title of the document.
        body: its text; offsets of the labels count in it, in characters. Any text will do.
        issuer: name of the issuing body, "" if unknown.
        region_hint: where its issuer has jurisdiction, as a GB/T 2260 code or in words (广东省广州市).
        given: labels stated by the publisher as `dimension:code`. They win: a dimension with a stated label
            takes exactly the stated ones, with origin "publisher" and no quote.

    Raises:
        UnknownLabelError: a given label does not exist (no text raises anything).
    """
    return default_labeller().label(
        title=title, body=body, issuer=issuer, region_hint=region_hint, given=given
    )


def _stated(given: Sequence[str], taxonomy: Taxonomy) -> list[Label]:
    refs = dict.fromkeys(parse_label(text, taxonomy) for text in given)
    return [Label(ref.dimension, ref.code, 0, 0, "", "publisher", 1.0, "publisher") for ref in refs]
