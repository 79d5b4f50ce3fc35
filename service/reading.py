"""Who may see which policy: agencies their own, operators all, everybody what is public, recipients what they got."""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import inbox, policies, policy_revisions
from service.explaining import explained
from streams.access import Actor, Role
from streams.policies import PolicyView, find_policy

AGENCY_ROLES = (Role.PUBLISHER, Role.REVIEWER)


def is_staff(actor: Actor | None, agency_id: str) -> bool:
    """Whether ``actor`` works for the agency, or runs the installation."""
    if actor is None:
        return False
    return actor.role is Role.OPERATOR or (actor.role in AGENCY_ROLES and actor.agency_id == agency_id)


async def visible_policy(
    conn: AsyncConnection,
    actor: Actor | None,
    agency_id: str,
    policy_id: str,
    revision: int | None = None,
    *,
    repealed: bool = False,
) -> PolicyView | None:
    """Return a revision as far as ``actor`` may see it, None where it does not exist for this actor.

    Without ``revision`` staff get the newest one, everybody else the released one: what waits for its review is
    nobody else's business, and so are interpretations and FAQs that no reviewer released. A subscriber also sees the
    revision that lies in its own inbox. With ``repealed`` everybody also sees what had been released to everybody when
    its policy was repealed: who was told of the repeal, or kept the link, must find that it is not valid any more.
    """
    if is_staff(actor, agency_id):
        whole = await find_policy(conn, agency_id, policy_id, revision)
        return None if whole is None else await _explained(conn, whole, staff=True)
    seen = await _public_revision(conn, agency_id, policy_id, repealed)
    if seen is None or revision not in (None, seen):
        seen = await _delivered_revision(conn, actor, agency_id, policy_id, revision)
    view = None if seen is None else await find_policy(conn, agency_id, policy_id, seen)
    return None if view is None else await _explained(conn, view, staff=False)


async def _explained(conn: AsyncConnection, view: PolicyView, *, staff: bool) -> PolicyView:
    return replace(view, data=await explained(conn, view, staff=staff))


async def agencies_with(
    conn: AsyncConnection, policy_id: str, *, public_only: bool, repealed: bool = False
) -> list[str]:
    """Return the agencies that have a policy of that id.

    Args:
        conn: the record.
        policy_id: the id.
        public_only: only those whose policy everybody may see.
        repealed: everybody may see it also after its repeal (`visible_policy`).
    """
    if public_only:
        r = policy_revisions.c
        query = select(r.agency_id).where(r.policy_id == policy_id, *_public(repealed)).distinct()
    else:
        query = select(policies.c.agency_id).where(policies.c.policy_id == policy_id)
    return list((await conn.scalars(query)).all())


async def agencies_that_released(conn: AsyncConnection, policy_id: str) -> list[str]:
    """Return the agencies that once released a policy of that id to everybody, whatever became of it since."""
    r = policy_revisions.c
    was_released = (r.decided_at.is_not(None), r.state.in_(("released", "superseded", "repealed")))
    open_to_all = (r.disclosure == "open", r.targeted.is_(False))
    query = select(r.agency_id).where(r.policy_id == policy_id, *was_released, *open_to_all).distinct()
    return list((await conn.scalars(query)).all())


def _public(repealed: bool) -> tuple[ColumnElement[bool], ...]:
    r = policy_revisions.c
    stands = r.state == "released"
    if repealed:
        # A revision that only waited when its policy was repealed is "repealed", too, and nobody ever decided on it.
        stands = or_(stands, and_(r.state == "repealed", r.decided_at.is_not(None)))
    return stands, r.disclosure == "open", r.targeted.is_(False)


async def _public_revision(
    conn: AsyncConnection, agency_id: str, policy_id: str, repealed: bool
) -> int | None:
    r = policy_revisions.c
    query = select(r.revision).where(r.agency_id == agency_id, r.policy_id == policy_id, *_public(repealed))
    revision: int | None = await conn.scalar(query.order_by(r.revision.desc()).limit(1))
    return revision


async def _delivered_revision(
    conn: AsyncConnection, actor: Actor | None, agency_id: str, policy_id: str, revision: int | None
) -> int | None:
    if actor is None or actor.role is not Role.SUBSCRIBER:
        return None
    i = inbox.c
    query = select(i.revision).where(
        i.subscriber_id == actor.subscriber_id, i.agency_id == agency_id, i.policy_id == policy_id
    )
    if revision is not None:
        query = query.where(i.revision == revision)
    found: int | None = await conn.scalar(query.order_by(i.revision.desc()).limit(1))
    return found
