"""Criteria taken apart for the form that changes a subscription: what its fields show, and what stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.taxonomies import Taxonomy
from service.pages.named_codes import PARTED, full_name, named_region
from service.pages.ranges import shown_ranges

TICKED = {"theme": "themes", "instrument": "instruments"}


@dataclass(frozen=True)
class Parts:
    """Criteria as a form has them.

    Attributes:
        values: what its fields show.
        kept: the parts that it does not ask for, in canonical form.
        simple: whether it asks for themes, instruments, industry and region; otherwise they are among ``kept``.
    """

    values: dict[str, Any]
    kept: dict[str, Any]
    simple: bool


def taken_apart(criteria: Mapping[str, Any], taxonomy: Taxonomy) -> Parts:
    """Return the parts of criteria in canonical form."""
    ways = criteria.get("any", [])
    words = criteria.get("keywords", ())
    whole = [word for word in words if PARTED.search(word)]  # the form would make several of one
    values = {"keywords": "，".join(word for word in words if word not in whole)}
    values |= shown_ranges(criteria.get("profile", {}))
    kept = {name: criteria[name] for name in ("any", "not") if name in criteria}
    if whole:
        kept["keywords"] = whole
    clauses = ways[0]["all"] if len(ways) == 1 else []
    if len(ways) > 1 or not _simple(clauses):
        return Parts(values, kept, simple=False)
    kept.pop("any", None)
    for clause in clauses:
        values |= _field(clause, taxonomy)
    return Parts(values, kept, simple=True)


def _simple(clauses: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the form could have made them: each dimension at most once, a region with what holds everywhere."""
    dimensions = [next(name for name in clause if name != "or_unrestricted") for clause in clauses]
    return len(dimensions) == len(set(dimensions)) and all(
        (dimension == "region" and len(clause["region"]) == 1)
        if clause.get("or_unrestricted")
        else dimension in ("theme", "instrument", "industry")
        for dimension, clause in zip(dimensions, clauses, strict=True)
    )


def _field(clause: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    if "region" in clause:
        (code,) = clause["region"]
        name = full_name(taxonomy, code)
        return {"wish_region": name if named_region(name, taxonomy, {}, "") == code else code}
    if "industry" in clause:
        return {"wish_industry": "，".join(clause["industry"])}
    return {field: clause[dimension] for dimension, field in TICKED.items() if dimension in clause}
