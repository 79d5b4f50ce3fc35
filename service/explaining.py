"""A policy with what explains it, as far as the one who asks may see it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.campaigns.occurrences import INTERPRETATION
from streams.explanations.owed import interpreted
from streams.explanations.record import Explanation, items_of
from streams.explanations.rules import COPIED, copied_share
from streams.policies import PolicyView

OPEN_TO_STAFF = ("waiting", "released", "refused")


async def explained(conn: AsyncConnection, view: PolicyView, *, staff: bool) -> dict[str, Any]:
    """Return a policy's data with ``interpretations`` and ``faqs``, those of its own event and those that came after.

    Everybody gets what a reviewer has released. Staff also get what waits (``"reviewed": false``) or was refused,
    with who published it, how the policy stands by rule 7 (``"interpretation"``) and what is mostly copied from the
    policy (``"copied"``: the share).
    """
    states = OPEN_TO_STAFF if staff else ("released",)
    items = _newest(await items_of(conn, view.agency_id, view.policy_id, states))
    data = packed(view.data, items, staff=staff)
    if staff:
        data["interpretation"] = await interpreted(conn, view)
        data["interpretations"] = [_judged(one, view.body) for one in data["interpretations"]]
    return data


def packed(data: dict[str, Any], items: Sequence[Explanation], *, staff: bool) -> dict[str, Any]:
    """Return policy data with its explanations, pure; one that was released anew takes its place in the package."""
    replaced = {one.item_id for one in items if one.kind == INTERPRETATION and one.state == "released"}
    own = [
        one
        for one in data.get("interpretations", [])
        if (staff or one.get("reviewed", True)) and one.get("interpretation_id") not in replaced
    ]
    texts = [_shown(one, staff) for one in items if one.kind == INTERPRETATION]
    faqs = [_shown(one, staff) for one in items if one.kind != INTERPRETATION]
    return data | {"interpretations": own + texts, "faqs": faqs}


def _newest(items: Sequence[Explanation]) -> list[Explanation]:
    last = {(one.kind, one.item_id): one.revision for one in sorted(items, key=lambda one: one.revision)}
    # A refused one is of interest until its next revision comes; one that stands released stays beside it.
    return [one for one in items if one.state == "released" or one.revision == last[one.kind, one.item_id]]


def _shown(item: Explanation, staff: bool) -> dict[str, Any]:
    shown = item.data | {"revision": item.revision}
    if not staff:
        return shown
    shown |= {"state": item.state, "publisher": item.publisher, "reason": item.reason}
    return shown if item.state == "released" else shown | {"reviewed": False}


def _judged(interpretation: dict[str, Any], body: str) -> dict[str, Any]:
    share = copied_share(interpretation.get("body", ""), body)
    return interpretation | {"copied": round(share, 2)} if share >= COPIED else interpretation
