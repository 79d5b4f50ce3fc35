"""From the text of a policy to its audience labels."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from config.taxonomies import Lexicon, Policy, Taxonomy, load_lexicon, load_taxonomy, parse_label
from streams.labelling.deciding import decide
from streams.labelling.layout import Layout, lay_out
from streams.labelling.mentions import MentionFinder
from streams.labelling.model import Label, Mention
from streams.labelling.normalise import Text, bare_title, normalise
from streams.labelling.regions import RegionFinder
from streams.labelling.scoring import Evidence, imply, roll_up, score
from streams.labelling.sections import SectionFinder


@dataclass(frozen=True)
class Explanation:
    """How a document came to its labels.

    Attributes:
        labels: what `Labeller.label` answers.
        text: the normalised body, in which mentions count their offsets.
        layout: of that body.
        evidence: dimension → code → what spoke for it, whether it was enough or not; regions are found otherwise.
        blocked: mentions that counted for nothing, with the reason.
    """

    labels: tuple[Label, ...]
    text: Text
    layout: Layout
    evidence: dict[str, dict[str, Evidence]]
    blocked: tuple[Mention, ...]


class Labeller:
    """Labels documents by one taxonomy and one lexicon; pure once built."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon) -> None:
        self.taxonomy = taxonomy
        self.lexicon = lexicon
        self._mentions = MentionFinder(
            [rule for rule in lexicon.rules if rule.dimension != "region"],
            lexicon.policies,
            lexicon.negations,
            lexicon.common,
        )
        self._regions = RegionFinder(taxonomy, lexicon)
        self._sections = SectionFinder(lexicon.headings)

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
        return self._read(title, body, issuer, region_hint, given, explain=False).labels

    def explain(
        self,
        *,
        title: str,
        body: str,
        issuer: str,
        region_hint: str | None = None,
        given: Sequence[str] = (),
    ) -> Explanation:
        """The labels of a document and everything that spoke for or against them."""
        return self._read(title, body, issuer, region_hint, given, explain=True)

    def knows_place(self, words: str) -> bool:
        """Whether a ``region_hint`` names a place (it may name several: 朝阳区), by code or in words."""
        return self._regions.knows(words)

    def _read(
        self, title: str, body: str, issuer: str, hint: str | None, given: Sequence[str], *, explain: bool
    ) -> Explanation:
        stated = _stated(given, self.taxonomy)
        text = normalise(body)
        layout = lay_out(text.text, self._sections)
        mentions = self._mentions.find(bare_title(title), text.text, layout, blocked=explain)
        scores = score(mentions)
        labels: list[Label] = []
        for dimension, policy in self.lexicon.policies.items():
            said = [label for label in stated if label.dimension == dimension]
            evidence = scores.setdefault(dimension, {})
            if dimension != "region":
                imply(evidence, policy, labels)
                roll_up(dimension, evidence, self.taxonomy)
            if said:
                labels += said
            elif dimension == "region":
                labels += self._regions.find(title=title, text=text, body=body, issuer=issuer, hint=hint)
            else:
                found = decide(dimension, evidence, policy, self.taxonomy, text, body)
                if not found and policy.issuer and issuer:
                    self._ask_issuer(dimension, evidence, policy, issuer)
                    found = decide(dimension, evidence, policy, self.taxonomy, text, body)
                labels += found
        order = {dimension: place for place, dimension in enumerate(self.taxonomy.dimensions)}
        return Explanation(
            labels=tuple(sorted(labels, key=lambda label: order[label.dimension])),
            text=text,
            layout=layout,
            evidence=scores,
            blocked=tuple(mention for mention in mentions if mention.blocked) if explain else (),
        )

    def _ask_issuer(self, dimension: str, evidence: dict[str, Evidence], policy: Policy, issuer: str) -> None:
        """Adds what the issuer's name says of a short notice that does not say itself what it is about."""
        nothing = Layout(bytearray(), bytearray())
        for mention in self._mentions.find(bare_title(issuer), "", nothing):
            if mention.rule.dimension == dimension:
                said = mention._replace(place="issuer", points=mention.points * policy.issuer)
                for code in mention.rule.codes:
                    for above in (code, *self.taxonomy.ancestors(dimension, code)):
                        evidence.setdefault(above, Evidence()).mentions.append(said)


@cache
def default_labeller() -> Labeller:
    """The labeller of the taxonomy and lexicon that ship with the service, built at first use."""
    collects = gc.isenabled()
    gc.disable()  # all that is made stays: looking for garbage among it is a sixth of the work
    try:
        return Labeller(load_taxonomy(), load_lexicon())
    finally:
        if collects:
            gc.enable()


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
