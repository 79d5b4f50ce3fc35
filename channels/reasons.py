"""Reasons as the record keeps them: plain JSON, in the inbox and in the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.message import Evidence, Reason


def dump_reasons(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return ``reasons`` as JSON values.

    The shape is ``[{subscription_id, subscription, evidence: [{dimension, code, name, quote}], stated}]``;
    ``subscription_id`` is null for a match of the enterprise's own profile.
    """
    return [
        {
            "subscription_id": reason.subscription_id,
            "subscription": reason.subscription,
            "evidence": [
                {"dimension": item.dimension, "code": item.code, "name": item.name, "quote": item.quote}
                for item in reason.evidence
            ],
            "stated": reason.stated,
        }
        for reason in reasons
    ]


def load_reasons(rows: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Return what `dump_reasons` was given."""
    return tuple(
        Reason(
            row["subscription_id"],
            row["subscription"],
            tuple(
                Evidence(item["dimension"], item["code"], item["name"], item["quote"])
                for item in row["evidence"]
            ),
            row["stated"],
        )
        for row in rows
    )
