"""Points of evidence per code, and the decision which codes become labels."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from config.taxonomies import Policy
from streams.labelling.model import Label, Mention
from streams.labelling.quotes import sentence_around


@dataclass
class Evidence:
    """What speaks for one code: its points, and the best mention in the body and in the title."""

    points: float = 0.0
    body: Mention | None = None
    body_points: float = 0.0
    title: Mention | None = None


@dataclass(frozen=True)
class Scores:
    """Evidence of one document: dimension → code → evidence."""

    by_dimension: Mapping[str, dict[str, Evidence]] = field(default_factory=dict)

    def of(self, dimension: str) -> dict[str, Evidence]:
        """Evidence per code of one dimension."""
        return self.by_dimension.get(dimension, {})


def score(mentions: Iterable[Mention], policies: Mapping[str, Policy]) -> Scores:
    """Adds up the mentions of a document; of one term at most `cap` count in the body."""
    scores: dict[str, dict[str, Evidence]] = defaultdict(dict)
    counted: Counter[int] = Counter()
    for mention in mentions:
        term = mention.term
        points = term.weight * policies[term.dimension].segments[mention.segment]
        in_title = mention.segment == "title"
        if points == 0.0:
            continue
        if not in_title:
            counted[id(term)] += 1
            if counted[id(term)] > term.cap:
                continue
        found = scores[term.dimension]
        for code in term.codes:
            evidence = found.get(code)
            if evidence is None:
                evidence = found[code] = Evidence()
            evidence.points += points
            if in_title:
                evidence.title = evidence.title or mention
            elif points > evidence.body_points:
                evidence.body, evidence.body_points = mention, points
    return Scores(scores)


def decide(
    dimension: str, evidence: Mapping[str, Evidence], policy: Policy, body: str, before: Sequence[Label]
) -> list[Label]:
    """The labels of one dimension, best first.

    Args:
        dimension: the dimension to decide.
        evidence: per code.
        policy: how much evidence the dimension asks for.
        body: the original body, to quote from.
        before: labels of the dimensions decided before, for implied rules.
    """
    need = policy.threshold + policy.density * len(body) / 1000
    points = {code: found.points for code, found in evidence.items()}
    causes: dict[str, Label] = {}
    for implied in policy.implied:
        cause = next((label for label in before if str(label) == implied.label), None)
        if cause is not None:
            points[implied.code] = points.get(implied.code, 0.0) + implied.weight
            causes[implied.code] = cause
    best = max(points.values(), default=0.0)
    chosen = [code for code in points if points[code] >= need and points[code] >= policy.share * best]
    chosen.sort(key=lambda code: (-points[code], code))
    if policy.most:
        chosen = chosen[: policy.most]
    if not chosen and policy.default:
        return [Label(dimension, policy.default, 0, 0, "", "default", 0.5, "rule")]
    return [
        _label(dimension, code, evidence.get(code), causes.get(code), _confidence(points[code], need), body)
        for code in chosen
    ]


def _confidence(points: float, need: float) -> float:
    return round(min(1.0, points / (2 * need)), 3) if need else 1.0


def _label(
    dimension: str, code: str, evidence: Evidence | None, cause: Label | None, weight: float, body: str
) -> Label:
    if evidence and evidence.body:
        mention = evidence.body
        start, end = sentence_around(body, mention.start, mention.end)
        place = "title" if evidence.title else mention.segment
        text = (evidence.title or mention).term.text
        return Label(dimension, code, start, end, body[start:end], f"{place}:{text}", weight, "rule")
    if evidence and evidence.title:
        return Label(dimension, code, 0, 0, "", f"title:{evidence.title.term.text}", weight, "rule")
    if cause:
        rule = f"implied:{cause}"
        return Label(dimension, code, cause.start, cause.end, cause.quote, rule, weight, "rule")
    return Label(dimension, code, 0, 0, "", "default", weight, "rule")
