"""Points of evidence per code: from mentions, from labels decided before, and from the codes below a code."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from config.taxonomies import Policy, Taxonomy
from streams.labelling.model import Label, Mention


@dataclass(slots=True)
class Evidence:
    """What speaks for (and against) one code.

    Attributes:
        points: the sum.
        body: the weightiest mention in the body, with its points.
        title: the weightiest mention in the title.
        cause: the label that implies the code.
        shares: (points, mention or label) of everything that counted.
    """

    points: float = 0.0
    body: Mention | None = None
    body_points: float = 0.0
    title: Mention | None = None
    title_points: float = 0.0
    cause: Label | None = None
    shares: list[tuple[float, Mention | Label]] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        """Count one mention."""
        points = mention.points
        self.points += points
        self.shares.append((points, mention))
        if mention.place == "title":
            if points > self.title_points:
                self.title, self.title_points = mention, points
        elif points > self.body_points:
            self.body, self.body_points = mention, points

    def take(self, other: "Evidence") -> None:
        """Count what speaks for a code below this one."""
        for _, share in other.shares:
            if isinstance(share, Mention):
                self.add(share)


def score(mentions: Iterable[Mention]) -> dict[str, dict[str, Evidence]]:
    """Adds up the mentions of a document: dimension → code → evidence."""
    scores: dict[str, dict[str, Evidence]] = defaultdict(dict)
    for mention in mentions:
        if mention.blocked:
            continue
        rule = mention.rule
        codes = scores[rule.dimension]
        for code in rule.codes:
            found = codes.get(code)
            if found is None:
                found = codes[code] = Evidence()
            found.add(mention)
    return scores


def imply(evidence: dict[str, Evidence], policy: Policy, before: Iterable[Label]) -> None:
    """Adds the points that earlier labels give to the codes of a dimension."""
    known: dict[str, Label] = {}
    for label in before:
        known.setdefault(str(label), label)
        known.setdefault(f"{label.dimension}:*", label)
    for implied in policy.implied:
        if cause := known.get(implied.label):
            found = evidence.setdefault(implied.code, Evidence())
            found.points += implied.weight
            found.shares.append((implied.weight, cause))
            if implied.weight > 0:
                found.cause = found.cause or cause


def roll_up(dimension: str, evidence: dict[str, Evidence], taxonomy: Taxonomy) -> None:
    """Gives every code the points of those below it: three divisions mentioned once each speak for their section."""
    for code, found in list(evidence.items()):
        for above in taxonomy.ancestors(dimension, code):
            evidence.setdefault(above, Evidence()).take(found)
