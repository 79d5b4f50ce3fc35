"""Which codes of a dimension have enough evidence to become labels."""

from collections.abc import Mapping

from config.taxonomies import Policy, Taxonomy
from streams.labelling.model import Label
from streams.labelling.normalise import Text
from streams.labelling.quotes import sentence_around
from streams.labelling.scoring import Evidence


def decide(
    dimension: str,
    evidence: Mapping[str, Evidence],
    policy: Policy,
    taxonomy: Taxonomy,
    text: Text,
    body: str,
) -> list[Label]:
    """The labels of one dimension, best first; of a code and one below it only the one below.

    But a code that has less than the policy's `narrow` share of the points of one above it leaves it to that one.

    Args:
        dimension: the dimension to decide.
        evidence: per code, those above a code included.
        policy: how much evidence the dimension asks for.
        taxonomy: knows which code stands below which.
        text: the normalised body, in which mentions count their offsets.
        body: the original body, to quote from.
    """
    need = policy.need(len(text.text))
    points = {code: found.points for code, found in evidence.items()}
    enough = {code for code, own in points.items() if own >= need and own > 0}
    if policy.narrow:
        enough -= {code for code in enough if _too_narrow(dimension, code, enough, points, policy, taxonomy)}
    above = {upper for code in enough for upper in taxonomy.ancestors(dimension, code)}
    enough -= above
    least = policy.share * max((points[code] for code in enough), default=0.0)
    chosen = [code for code in enough if points[code] >= least]
    chosen.sort(key=lambda code: (-points[code], code))
    if policy.most:
        chosen = chosen[: policy.most]
    if not chosen and policy.default:
        return [Label(dimension, policy.default, 0, 0, "", "default", 0.5, "rule")]
    return [
        _label(dimension, code, evidence[code], _confidence(points[code], need), text, body)
        for code in chosen
    ]


def _too_narrow(
    dimension: str,
    code: str,
    enough: set[str],
    points: Mapping[str, float],
    policy: Policy,
    taxonomy: Taxonomy,
) -> bool:
    """One clause on low-temperature storage in a document about all transport does not make it one on storage."""
    return any(
        upper in enough and points[code] < policy.narrow * points[upper]
        for upper in taxonomy.ancestors(dimension, code)
    )


def _confidence(points: float, need: float) -> float:
    return round(min(1.0, points / (2 * need)), 3) if need else 1.0


def _label(dimension: str, code: str, evidence: Evidence, weight: float, text: Text, body: str) -> Label:
    if mention := evidence.body:
        start, end = text.span(*sentence_around(text.text, mention.start, mention.end))
        shown = evidence.outside or mention
        return Label(
            dimension, code, start, end, body[start:end], f"{shown.place}:{shown.term}", weight, "rule"
        )
    if titled := evidence.outside:
        return Label(dimension, code, 0, 0, "", f"{titled.place}:{titled.term}", weight, "rule")
    if cause := evidence.cause:
        return Label(dimension, code, cause.start, cause.end, cause.quote, f"implied:{cause}", weight, "rule")
    return Label(dimension, code, 0, 0, "", "default", weight, "rule")
