"""What waits beside a policy: the interpretations and FAQs that its release covers or leaves. Pure."""

from collections.abc import Mapping
from typing import Any

from service.cli.face import Face
from streams.events.explanation_data import occurrence_of

PLACES = (("interpretations", "interpretation"), ("faqs", "faq"))


def waiting_beside(policy: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what waits for a review beside a policy as the API shows it: (kind, id) by the name a decision uses."""
    found = {}
    for place, kind in PLACES:
        for one in policy.get(place) or ():
            item_id = one.get(f"{kind}_id")
            if one.get("state") == "waiting" and item_id and one.get("revision"):
                found[occurrence_of(kind, item_id, one["revision"])] = (kind, str(item_id))
    return found


def say_what_came_with_it(
    face: Face, policy: str, seen: Mapping[str, tuple[str, str]], left: Mapping[str, tuple[str, str]]
) -> None:
    """Print which of the items that waited were released with their policy, and how to decide on the others."""
    for name, (kind, item_id) in seen.items():
        if name not in left:
            face.out.print(face.words("came_with_it", kind=kind, id=item_id), markup=False)
    for line in how_to_decide(face, policy, left):
        face.out.print(line, markup=False)


def how_to_decide(face: Face, policy: str, left: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return a line for each item that waits still."""
    return [
        face.words("waits_still", kind=kind, id=item_id, policy=policy) for kind, item_id in left.values()
    ]
