"""Points of evidence per code: from mentions, from labels decided before, and from the codes below a code."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from config.taxonomies import Policy, Taxonomy
from streams.labelling.model import Label, Mention

_OUTSIDE = ("title", "issuer")  # of the body
_points = itemgetter(Mention._fields.index("points"))  # twice as fast as by its name


@dataclass(slots=True)
class Evidence:
    """What speaks for (and against) one code; everything else is made of the two lists when it is asked for.

    Attributes:
        mentions: those that count for it or for a code below it.
        implied: labels decided before, with the points that they give.
    """

    mentions: list[Mention] = field(default_factory=list)
    implied: list[tuple[float, Label]] = field(default_factory=list)

    @property
    def points(self) -> float:
        """The sum."""
        points: float = sum(map(_points, self.mentions))
        return points + sum(given for given, _ in self.implied) if self.implied else points

    @property
    def outside(self) -> Mention | None:
        """The weightiest mention outside the body: in the title, or in the issuer's name."""
        return _weightiest([mention for mention in self.mentions if mention.place in _OUTSIDE])

    @property
    def body(self) -> Mention | None:
        """The weightiest mention in the body."""
        return _weightiest([mention for mention in self.mentions if mention.place not in _OUTSIDE])

    @property
    def cause(self) -> Label | None:
        """The label that implies the code."""
        return next((label for points, label in self.implied if points > 0), None)

    @property
    def shares(self) -> list[tuple[float, Mention | Label]]:
        """(points, mention or label) of everything that counted."""
        return [*((mention.points, mention) for mention in self.mentions), *self.implied]


def _weightiest(mentions: Sequence[Mention]) -> Mention | None:
    best = max(mentions, key=_points, default=None)
    return best if best and best.points > 0 else None


def score(mentions: Iterable[Mention]) -> dict[str, dict[str, Evidence]]:
    """Adds up the mentions of a document: dimension → code → evidence."""
    scores: dict[str, dict[str, Evidence]] = defaultdict(lambda: defaultdict(Evidence))
    for mention in mentions:
        if not mention.blocked:
            rule = mention.rule
            codes = scores[rule.dimension]
            for code in rule.codes:
                codes[code].mentions.append(mention)
    return {dimension: dict(codes) for dimension, codes in scores.items()}


def imply(evidence: dict[str, Evidence], policy: Policy, before: Iterable[Label]) -> None:
    """Adds the points that earlier labels give to the codes of a dimension."""
    if not policy.implied:
        return
    known: dict[str, Label] = {}
    for label in before:
        known.setdefault(str(label), label)
        known.setdefault(f"{label.dimension}:*", label)
    for implied in policy.implied:
        if cause := known.get(implied.label):
            evidence.setdefault(implied.code, Evidence()).implied.append((implied.weight, cause))


def roll_up(dimension: str, evidence: dict[str, Evidence], taxonomy: Taxonomy) -> None:
    """Gives every code the mentions of those below it: three divisions named once each speak for their section."""
    own = [(code, tuple(found.mentions)) for code, found in evidence.items()]  # before any is passed up
    for code, mentions in own:
        for above in taxonomy.ancestors(dimension, code):
            evidence.setdefault(above, Evidence()).mentions.extend(mentions)
