"""Membership by the member's own word: joining and leaving an association, and where one is a member."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import associations, memberships
from subscribers.associations import Association, Membership
from subscribers.model import Change
from subscribers.rows import bump, note

JOINED, LEFT = "membership.joined", "membership.left"


async def join(conn: AsyncConnection, given: Membership, *, actor: str) -> Change | None:
    """Enter a member that says so itself; a second time the first consent stands.

    It is not confirmed by that, and a policy that names the association does not name this member yet.
    The consent stays in the audit when the member has left.

    Args:
        conn: in a transaction.
        given: its consent: the moment of the call, and the evidence of it.
        actor: who called.

    Returns:
        The change to announce; None where it was a member before.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
    """
    row = {
        "association_id": given.association_id,
        "subscriber_id": given.subscriber_id,
        "consent_at": given.consent_at,
        "consent_evidence": given.evidence,
    }
    done = await conn.execute(insert_new(conn, memberships).values(row))
    if not done.rowcount:
        return None
    details = {"association_id": given.association_id, "evidence": given.evidence}
    await note(conn, actor, JOINED, given.subscriber_id, details, given.consent_at)
    return await bump(conn, given.subscriber_id, given.consent_at)


async def leave(
    conn: AsyncConnection, association_id: str, subscriber_id: str, *, actor: str, now: datetime
) -> bool:
    """End a membership; from the next send on nothing comes through this association. Twice is fine.

    Returns:
        Whether it was a member.
    """
    m = memberships.c
    done = await conn.execute(
        delete(memberships).where(m.association_id == association_id, m.subscriber_id == subscriber_id)
    )
    if done.rowcount:
        await note(conn, actor, LEFT, subscriber_id, {"association_id": association_id}, now)
    return bool(done.rowcount)


async def memberships_of(conn: AsyncConnection, subscriber_id: str) -> list[tuple[Association, Membership]]:
    """Return where a subscriber is a member, by the association's id."""
    m, a = memberships.c, associations.c
    rows = await conn.execute(
        select(m.association_id, a.name, m.consent_at, m.consent_evidence, m.confirmed)
        .join_from(memberships, associations, m.association_id == a.association_id)
        .where(m.subscriber_id == subscriber_id)
        .order_by(m.association_id)
    )
    return [
        (
            Association(row.association_id, row.name),
            Membership(
                row.association_id, subscriber_id, row.consent_at, row.consent_evidence, row.confirmed
            ),
        )
        for row in rows
    ]
