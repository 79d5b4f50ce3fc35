"""Labels and facts as JSON, for files and for other programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from streams.labelling.facts import Facts
from streams.labelling.labeller import Explanation
from streams.labelling.model import Label, Mention

SETS = ("region", "theme", "instrument", "industry", "subject", "size", "qualification", "group")
SINGLES = ("kind", "action")
FACTS = ("doc_number", "effective_date", "valid_until", "apply_until")


def as_row(document_id: str, labels: Sequence[Label], facts: Facts) -> str:
    """One line of JSON: id, the dimensions (lists of codes; kind and action strings), the facts, the evidence."""
    row: dict[str, Any] = {"id": document_id}
    for dimension in SETS:
        row[dimension] = [label.code for label in labels if label.dimension == dimension]
    for dimension in SINGLES:
        row[dimension] = next((label.code for label in labels if label.dimension == dimension), None)
    row |= {name: _plain(fact.value) if (fact := getattr(facts, name)) else None for name in FACTS}
    row["repeals"] = [fact.value for fact in facts.repeals]
    row["evidence"] = {str(label): label.quote for label in labels if label.quote}
    return json.dumps(row, ensure_ascii=False)


def as_json_object(title: str, explanation: Explanation, facts: Facts, *, everything: bool) -> dict[str, Any]:
    """Labels and facts with their offsets; with ``everything`` also what each code was worth and what counted not."""
    found: dict[str, Any] = {
        "title": title,
        "labels": [asdict(label) for label in explanation.labels],
        "facts": _plain(asdict(facts)),
    }
    if everything:
        found["weighed"] = {
            dimension: {
                code: [[points, str_of(share)] for points, share in one.shares] for code, one in codes.items()
            }
            for dimension, codes in explanation.evidence.items()
        }
        found["blocked"] = [[m.rule.name, m.term, m.blocked] for m in explanation.blocked]
    return found


def str_of(share: Mention | Label) -> str:
    """What counted, as people read it: a term and where it stands, or the label that implies the code."""
    if isinstance(share, Label):
        return f"{share} ⇒"
    return f"{share.term}@{share.place}" + (f"/{share.section}" if share.section else "")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
