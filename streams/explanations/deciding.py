"""What changes an interpretation or a FAQ: it comes, even before its policy, and is decided on, alone or with it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import explanations
from streams.access import Actor
from streams.events.explanation_data import Item
from streams.explanations.record import Explanation, item_at, items_of, newest
from streams.gate.rules import Refusal

e = explanations.c


async def add_item(
    conn: AsyncConnection, agency_id: str, policy_id: str, item: Item, *, publisher: str, now: datetime
) -> None:
    """Write an item's next revision, to be reviewed; one before it that still waits is superseded.

    The same content as that of its newest revision is nothing new, whatever became of it.

    Raises:
        Refusal: another event has made this revision meanwhile.
    """
    last = await newest(conn, agency_id, policy_id, item.kind, item.item_id)
    if last is not None and last.data == item.data:
        return
    revision = last.revision + 1 if last else 1
    row = {
        "agency_id": agency_id,
        "policy_id": policy_id,
        "kind": item.kind,
        "item_id": item.item_id,
        "revision": revision,
        "state": "waiting",
        "title": item.title,
        "data": item.data,
        "publisher": publisher,
        "received_at": now,
    }
    written = await conn.execute(insert_new(conn, explanations), row)
    if not written.rowcount:
        raise Refusal(
            "stale",
            f"revision {revision} of {item.kind} {item.item_id} was taken by another event meanwhile; send it again",
        )
    await _supersede(conn, agency_id, policy_id, item.kind, item.item_id, revision, "waiting")


async def decide_item(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    name: tuple[str, str, int],
    *,
    state: str,
    by: str,
    reason: str | None,
    now: datetime,
) -> None:
    """Write a reviewer's decision (``released`` or ``refused``) on an item that waits.

    A release supersedes the revisions of the item before it; a refusal leaves what had been released as it is.
    """
    kind, item_id, revision = name
    await conn.execute(
        update(explanations)
        .where(item_at(agency_id, policy_id, kind, item_id), e.revision == revision, e.state == "waiting")
        .values(state=state, decided_by=by, decided_at=now, reason=reason)
    )
    if state == "released":
        await _supersede(conn, agency_id, policy_id, kind, item_id, revision, "released")


async def _supersede(
    conn: AsyncConnection, agency_id: str, policy_id: str, kind: str, item_id: str, revision: int, state: str
) -> None:
    await conn.execute(
        update(explanations)
        .where(item_at(agency_id, policy_id, kind, item_id), e.revision < revision, e.state == state)
        .values(state="superseded")
    )


def reviewed_with(
    waiting: Sequence[Explanation], reviewer: Actor, named: Collection[str] | None
) -> list[Explanation]:
    """Return which waiting items a release of their policy covers.

    What the reviewer has published himself is not among them: another person must release it (rule 4).

    Args:
        waiting: the policy's items that wait.
        reviewer: who releases the policy.
        named: the items that were reviewed with it, None for all.
    """
    return [
        one
        for one in waiting
        if not reviewer.is_same_person(one.publisher) and (named is None or one.name in named)
    ]


async def release_together(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    reviewer: Actor,
    named: Collection[str] | None,
    now: datetime,
) -> None:
    """Release, with their policy, the items that were reviewed with it."""
    waiting = await items_of(conn, agency_id, policy_id, ("waiting",))
    for one in reviewed_with(waiting, reviewer, named):
        name = (one.kind, one.item_id, one.revision)
        await decide_item(
            conn, agency_id, policy_id, name, state="released", by=reviewer.holder, reason=None, now=now
        )
