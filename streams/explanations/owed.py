"""Whether a policy has what rule 7 asks for: the pure rule, asked of the record."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.access import Actor
from streams.campaigns.occurrences import INTERPRETATION
from streams.explanations.deciding import reviewed_with
from streams.explanations.record import items_of
from streams.explanations.rules import Interpreted, must_be_interpreted
from streams.policies import PolicyView


def must(view: PolicyView) -> bool:
    """Whether a labelled revision, read with its body, must be interpreted."""
    kind = next((label.code for label in view.labels if label.dimension == "kind"), None)
    return must_be_interpreted(kind, view.data.get("doc_number"), view.body)


def packed(view: PolicyView) -> bool:
    """Whether a reviewed interpretation came in the policy's own event."""
    return any(one.get("reviewed", True) for one in view.data.get("interpretations", []))


async def interpreted(conn: AsyncConnection, view: PolicyView) -> Interpreted:
    """Return how a policy stands: ``present`` as soon as anybody may read an interpretation of it."""
    if packed(view) or await _released(conn, view):
        return "present"
    return "missing" if must(view) else "not_required"


async def interpreted_by_release(
    conn: AsyncConnection, view: PolicyView, reviewer: Actor, named: Collection[str] | None
) -> Interpreted:
    """Return how it will stand once ``reviewer`` has released it, together with what was reviewed with it."""
    now = await interpreted(conn, view)
    if now != "missing":
        return now
    waiting = await items_of(conn, view.agency_id, view.policy_id, ("waiting",))
    joins = (one for one in reviewed_with(waiting, reviewer, named) if one.kind == INTERPRETATION)
    return "present" if any(joins) else "missing"


async def _released(conn: AsyncConnection, view: PolicyView) -> bool:
    return any(one.kind == INTERPRETATION for one in await items_of(conn, view.agency_id, view.policy_id))
