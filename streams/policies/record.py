"""Policies and their revisions, read from the record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Table, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import (
    labels_taken_away,
    policies,
    policy_facts,
    policy_labels,
    policy_revisions,
)
from streams.gate.rules import PolicyStanding
from streams.labelling import Label
from streams.policies.reading import KnownFact


@dataclass(frozen=True)
class PolicyView:
    """One revision of a policy with its labels and facts.

    ``data`` is the policy data without its body: as published, and from the labelling on with its blanks filled by
    what the text says (`streams.policies.reading`). ``taken_away`` are no labels any more: a reviewer took them away;
    they stand there as they had been given.
    """

    agency_id: str
    policy_id: str
    revision: int
    state: str
    title: str
    issuer: str
    disclosure: str
    targeted: bool
    data: dict[str, Any]
    body: str
    publisher: str
    source: str
    event_id: str
    received_at: datetime
    labelled_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    labels: tuple[Label, ...] = ()
    facts: tuple[KnownFact, ...] = ()
    taken_away: tuple[Label, ...] = ()


def revision_at(agency_id: str, policy_id: str, revision: int) -> Any:
    """Return the condition that picks one revision."""
    c = policy_revisions.c
    return and_(c.agency_id == agency_id, c.policy_id == policy_id, c.revision == revision)


async def standing(conn: AsyncConnection, agency_id: str, policy_id: str) -> PolicyStanding | None:
    """Return what the gate must know of a policy."""
    r, p = policy_revisions.c, policies.c
    newest = (
        await conn.execute(
            select(r.revision, r.state, r.publisher, r.disclosure, p.repealed_at)
            .join_from(
                policies,
                policy_revisions,
                and_(r.agency_id == p.agency_id, r.policy_id == p.policy_id, r.revision == p.revision),
            )
            .where(p.agency_id == agency_id, p.policy_id == policy_id)
        )
    ).first()
    if newest is None:
        return None
    released = newest.revision
    if newest.state != "released":
        of_it = (r.agency_id == agency_id, r.policy_id == policy_id)
        released = await conn.scalar(select(func.max(r.revision)).where(*of_it, r.state == "released"))
    return PolicyStanding(
        newest.revision,
        newest.state,
        newest.publisher,
        newest.disclosure,
        newest.repealed_at is not None,
        released or 0,
    )


async def states_of(conn: AsyncConnection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the states of policies' newest revisions by (agency, policy); what is not there is missing."""
    r, p = policy_revisions.c, policies.c
    newest = and_(r.agency_id == p.agency_id, r.policy_id == p.policy_id, r.revision == p.revision)
    rows = await conn.execute(
        select(r.agency_id, r.policy_id, r.state)
        .join_from(policies, policy_revisions, newest)
        .where(tuple_(p.agency_id, p.policy_id).in_(list(set(keys))))
    )
    return {(row.agency_id, row.policy_id): row.state for row in rows}


async def owned_elsewhere(conn: AsyncConnection, agency_id: str, policy_id: str) -> bool:
    """Whether another agency has a policy of that id."""
    p = policies.c
    found = await conn.execute(
        select(p.agency_id).where(p.policy_id == policy_id, p.agency_id != agency_id).limit(1)
    )
    return found.first() is not None


async def find_policy(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int | None = None
) -> PolicyView | None:
    """Return a revision (default: the newest) with its labels, those taken away, and its facts."""
    if revision is None:
        known = await standing(conn, agency_id, policy_id)
        if known is None:
            return None
        revision = known.revision
    row = (
        await conn.execute(select(policy_revisions).where(revision_at(agency_id, policy_id, revision)))
    ).first()
    if row is None:
        return None
    key = agency_id, policy_id, revision
    return replace(
        PolicyView(**row._mapping),
        labels=await labels_of(conn, *key),
        facts=await facts_of(conn, *key),
        taken_away=await taken_away_of(conn, *key),
    )


async def labels_of(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> tuple[Label, ...]:
    """Return the labels of a revision."""
    return await _labels_in(policy_labels, conn, agency_id, policy_id, revision)


async def taken_away_of(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> tuple[Label, ...]:
    """Return what a reviewer took away of a revision's labels, as it had been given."""
    return await _labels_in(labels_taken_away, conn, agency_id, policy_id, revision)


async def _labels_in(
    table: Table, conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> tuple[Label, ...]:
    c = table.c
    columns = (c.dimension, c.code, c.start, c.end, c.quote, c.rule, c.weight, c.origin)
    rows = await _of_revision(conn, columns, agency_id, policy_id, revision)
    return tuple(Label(**row._mapping) for row in rows)


async def facts_of(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> tuple[KnownFact, ...]:
    """Return the facts of a revision."""
    c = policy_facts.c
    columns = (c.name, c.number, c.value, c.start, c.end, c.quote, c.rule, c.origin)
    rows = await _of_revision(conn, columns, agency_id, policy_id, revision)
    return tuple(KnownFact(**row._mapping) for row in rows)


async def _of_revision(
    conn: AsyncConnection, columns: Sequence[Column[Any]], agency_id: str, policy_id: str, revision: int
) -> Sequence[Row[Any]]:
    """Return columns of one table, by the first two of them, of the rows that belong to a revision."""
    of = columns[0].table.c
    mine = (of.agency_id == agency_id, of.policy_id == policy_id, of.revision == revision)
    return (await conn.execute(select(*columns).where(*mine).order_by(*columns[:2]))).all()


async def list_policies(
    conn: AsyncConnection,
    *,
    agency_id: str | None = None,
    states: Sequence[str] | None = None,
    public_only: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[PolicyView], str | None]:
    """Return the newest revision of each policy, newest first, and a cursor for the next page (None: no more).

    With ``public_only`` it is the released one: what waits for its review hides nothing that stands. The views carry
    neither body nor labels: a page of bodies may be 200 MB.

    Args:
        conn: the record.
        agency_id: only this agency's.
        states: only revisions in these states.
        public_only: only what anybody may see: released, open, untargeted.
        after: the cursor of the page before.
        limit: how many.
    """
    r, p = policy_revisions.c, policies.c
    query = select(*(column for column in policy_revisions.c if column is not r.body))
    if not public_only:
        newest = and_(r.agency_id == p.agency_id, r.policy_id == p.policy_id, r.revision == p.revision)
        query = query.join_from(policy_revisions, policies, newest)
    if agency_id:
        query = query.where(r.agency_id == agency_id)
    if states:
        query = query.where(r.state.in_(states))
    if public_only:
        # At most one revision of a policy is released; it stays public while its successor waits for review.
        query = query.where(r.state == "released", r.disclosure == "open", r.targeted.is_(False))
    if after:
        at, agency, policy = after.split("|", 2)
        query = query.where(
            tuple_(r.received_at, r.agency_id, r.policy_id)
            < tuple_(datetime.fromisoformat(at), agency, policy)
        )
    order = (r.received_at.desc(), r.agency_id.desc(), r.policy_id.desc())
    rows = list(await conn.execute(query.order_by(*order).limit(limit + 1)))
    views = [PolicyView(**row._mapping, body="") for row in rows[:limit]]
    last = views[-1] if len(rows) > limit else None
    return views, f"{last.received_at.isoformat()}|{last.agency_id}|{last.policy_id}" if last else None


async def released_before(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> PolicyView | None:
    """Return the newest earlier revision that had been released, None where there was none."""
    r = policy_revisions.c
    row = (
        await conn.execute(
            select(policy_revisions)
            .where(r.agency_id == agency_id, r.policy_id == policy_id, r.revision < revision)
            .where(r.decided_at.is_not(None), r.state.in_(("released", "superseded", "repealed")))
            .order_by(r.revision.desc())
            .limit(1)
        )
    ).first()
    return PolicyView(**row._mapping) if row else None
