"""What a reviewer makes of a policy's labels. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from streams.labelling import Label

BY_REVIEWER = "reviewer"


def corrected_labels(
    labels: Iterable[Label], gone: Iterable[Label], *, add: Iterable[str], remove: Iterable[str]
) -> tuple[list[Label], list[Label]]:
    """Return the labels as corrected, and what is taken away then.

    What is taken away stays as it had been given, with its words; only what a reviewer had added leaves no trace. What
    is added has the origin ``reviewer``, and the words that had proved it where it was there or had been taken away.

    Args:
        labels: of the revision.
        gone: what was taken away before.
        add: as ``dimension:code``; wins over ``remove``.
        remove: as ``dimension:code``; one that is not there is passed over.
    """
    here, away = ({str(one): one for one in some} for some in (labels, gone))
    for name in remove:
        one = here.pop(name, None)
        if one is not None and one.rule != BY_REVIEWER:
            away[name] = one
    for name in add:
        known = here.get(name) or away.pop(name, None) or _added(name)
        here[name] = replace(known, weight=1.0, origin="reviewer")
    return list(here.values()), list(away.values())


def _added(name: str) -> Label:
    dimension, _, code = name.partition(":")
    return Label(dimension, code, 0, 0, "", BY_REVIEWER, 1.0, "reviewer")
