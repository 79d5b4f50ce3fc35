"""What a policy is to the index: its labels and every token that criteria may ask for.

A code P in a dimension emits ``at:<dimension>:P`` and ``under:<dimension>:X`` for P and each ancestor X; a dimension
without a label emits ``none:<dimension>``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from streams.matching.conditions import Requirements

DIMENSIONS = (
    "region",
    "theme",
    "kind",
    "instrument",
    "industry",
    "subject",
    "size",
    "qualification",
    "group",
    "action",
)

Ancestors = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True)
class Matter:
    """A policy as criteria see it.

    Attributes:
        labels: ``dimension:code``, sorted.
        tokens: what the labels emit.
        text: title and body, for keywords.
        labels_of: per token the labels that emitted it; a ``none:`` token has none.
        requirements: the numbers that it asks of whom it is for.
    """

    labels: tuple[str, ...]
    tokens: frozenset[str]
    text: str
    labels_of: dict[str, tuple[str, ...]]
    requirements: Requirements = ()


def matter_of(
    labels: Iterable[str], text: str, ancestors: Ancestors, requirements: Requirements = ()
) -> Matter:
    """Return the matter of a policy.

    Args:
        labels: ``dimension:code`` of real codes.
        text: title and body.
        ancestors: of a code in a dimension, nearest first.
        requirements: what it asks in numbers, see `streams.policies.requirements`.
    """
    distinct = tuple(sorted(set(labels)))
    emitted: dict[str, list[str]] = {}
    for label in distinct:
        dimension, code = label.split(":", 1)
        emitted.setdefault(f"at:{label}", []).append(label)
        for above in (code, *ancestors(dimension, code)):
            emitted.setdefault(f"under:{dimension}:{above}", []).append(label)
    have = {label.split(":", 1)[0] for label in distinct}
    for dimension in DIMENSIONS:
        if dimension not in have:
            emitted[f"none:{dimension}"] = []
    labels_of = {token: tuple(of) for token, of in emitted.items()}
    return Matter(distinct, frozenset(emitted), text, labels_of, requirements)
