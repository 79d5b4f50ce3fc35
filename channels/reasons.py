"""Reasons as the record keeps them: plain JSON, in the inbox and in the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from channels.message import Evidence, Reason


class Quoting(Protocol):
    """Something that a sentence of the text proves."""

    @property
    def quote(self) -> str:
        """The sentence; empty where none does."""


Q = TypeVar("Q", bound=Quoting)


def by_quote(items: Iterable[Q]) -> list[tuple[str, list[Q]]]:
    """Return ``items`` grouped by the sentence that proves them, so that nobody reads it twice.

    In the order of the first of each group; what nothing proves (``quote`` empty) stands alone.
    """
    groups: dict[object, tuple[str, list[Q]]] = {}
    for place, item in enumerate(items):
        groups.setdefault(item.quote or place, (item.quote, []))[1].append(item)
    return list(groups.values())


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
