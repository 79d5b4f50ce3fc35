"""What changes a policy: a revision comes, is labelled, decided, repealed; all of it once and in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new, upsert
from config.database.schema import (
    labels_taken_away,
    policies,
    policy_facts,
    policy_labels,
    policy_revisions,
)
from streams.events import Event
from streams.events.condition_values import ConditionGiven
from streams.events.policy_data import PolicyData
from streams.gate.rules import Refusal
from streams.policies import find_policy, revision_at
from streams.policies.corrected_labels import corrected_labels
from streams.policies.given_conditions import ConditionsRefused, given_conditions
from streams.policies.reading import KnownFact, Reading, corrected
from streams.policies.record import labels_of, taken_away_of

FACT_SAYS = ["value", "start", "end", "quote", "rule", "origin"]


async def add_revision(
    conn: AsyncConnection,
    event: Event,
    data: PolicyData,
    *,
    agency_id: str,
    publisher: str,
    revision: int,
    now: datetime,
) -> None:
    """Write a revision; it waits for its labels, then for its release. An older one still waiting is superseded.

    Raises:
        Refusal: another event has made this revision meanwhile.
    """
    await conn.execute(
        upsert(conn, policies, ["revision"]),
        [{"agency_id": agency_id, "policy_id": data.policy_id, "revision": revision, "created_at": now}],
    )
    row = {
        "agency_id": agency_id,
        "policy_id": data.policy_id,
        "revision": revision,
        "state": "received",
        "title": data.title,
        "issuer": data.issuer,
        "disclosure": data.disclosure,
        "targeted": data.audience_scope is not None,
        "data": data.model_dump(mode="json", exclude={"body"}, exclude_none=True),
        "body": data.body,
        "publisher": publisher,
        "source": event.source,
        "event_id": event.id,
        "received_at": now,
    }
    written = await conn.execute(insert_new(conn, policy_revisions), row)
    if not written.rowcount:
        # The key makes one partition's order; who writes to a partition of his own choice can still race with himself.
        raise Refusal(
            "stale",
            f"revision {revision} of {data.policy_id} was taken by another event meanwhile; send it again",
        )
    c = policy_revisions.c
    await conn.execute(
        update(policy_revisions)
        .where(c.agency_id == agency_id, c.policy_id == data.policy_id, c.revision < revision)
        .where(c.state.in_(("received", "waiting")))
        .values(state="superseded", reason=f"revision {revision} came before it was decided")
    )


async def write_reading(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    revision: int,
    reading: Reading,
    now: datetime,
) -> None:
    """Write what was read in a revision, once; from then on it waits for its release.

    What has ended meanwhile stays ended.
    """
    done = await conn.execute(
        update(policy_revisions)
        .where(revision_at(agency_id, policy_id, revision), policy_revisions.c.state == "received")
        .values(labelled_at=now, state="waiting", data=reading.data)
    )
    if not done.rowcount:
        return
    key = {"agency_id": agency_id, "policy_id": policy_id, "revision": revision}
    for table, rows in ((policy_labels, reading.labels), (policy_facts, reading.facts)):
        if rows:
            await conn.execute(insert_new(conn, table), [key | asdict(row) for row in rows])


async def edit_labels(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    revision: int,
    *,
    add: Sequence[str],
    remove: Sequence[str],
) -> None:
    """Apply a reviewer's corrections, see `corrected_labels`; what is taken away is kept apart."""
    of = (agency_id, policy_id, revision)
    labels, gone = await labels_of(conn, *of), await taken_away_of(conn, *of)
    key = {"agency_id": agency_id, "policy_id": policy_id, "revision": revision}
    made = corrected_labels(labels, gone, add=add, remove=remove)
    for table, rows in zip((policy_labels, labels_taken_away), made, strict=True):
        c = table.c
        here = and_(c.agency_id == agency_id, c.policy_id == policy_id, c.revision == revision)
        await conn.execute(table.delete().where(here))
        if rows:
            await conn.execute(insert_new(conn, table), [key | asdict(row) for row in rows])


async def edit_facts(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int, facts: Mapping[str, str | None]
) -> None:
    """Apply a reviewer's corrections of facts; they have the origin ``reviewer``, and None says that there is none.

    Raises:
        Refusal: a period then would end before it begins.
    """
    if not facts:
        return
    here = revision_at(agency_id, policy_id, revision)
    data = (await conn.execute(select(policy_revisions.c.data).where(here))).scalar_one()
    try:
        now = corrected(data, facts)
    except ValueError as exc:
        raise Refusal("invalid", f"{policy_id}: {exc}; correct both days together") from exc
    await conn.execute(update(policy_revisions).where(here).values(data=now))
    key = {"agency_id": agency_id, "policy_id": policy_id, "revision": revision}
    rows = [
        key | asdict(KnownFact(name, 0, value, 0, 0, "", "reviewer", "reviewer"))
        for name, value in facts.items()
    ]
    await conn.execute(upsert(conn, policy_facts, FACT_SAYS), rows)


async def corrected_conditions(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    revision: int,
    given: Sequence[ConditionGiven],
) -> list[KnownFact]:
    """Return the conditions that a reviewer's corrections make; nothing is written.

    Raises:
        Refusal: they cannot be taken.
    """
    if not given:
        return []
    view = await find_policy(conn, agency_id, policy_id, revision)
    if view is None:
        raise Refusal("not_found", f"there is no revision {revision} of {policy_id}")
    try:
        return given_conditions(view.facts, given, view.data, view.body)
    except ConditionsRefused as exc:
        raise Refusal("invalid", f"{policy_id}: conditions: {exc}") from exc


async def write_conditions(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int, made: Sequence[KnownFact]
) -> None:
    """Write what `corrected_conditions` returned."""
    if made:
        key = {"agency_id": agency_id, "policy_id": policy_id, "revision": revision}
        rows = [key | asdict(fact) for fact in made]
        await conn.execute(upsert(conn, policy_facts, FACT_SAYS), rows)


async def decide(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    revision: int,
    *,
    state: str,
    by: str,
    reason: str | None,
    now: datetime,
) -> None:
    """Write a reviewer's decision (``released`` or ``refused``); a release supersedes the revisions before it."""
    await conn.execute(
        update(policy_revisions)
        .where(revision_at(agency_id, policy_id, revision))
        .values(state=state, decided_by=by, decided_at=now, reason=reason)
    )
    if state == "released":
        c = policy_revisions.c
        await conn.execute(
            update(policy_revisions)
            .where(
                c.agency_id == agency_id,
                c.policy_id == policy_id,
                c.revision < revision,
                c.state == "released",
            )
            .values(state="superseded", reason=f"revision {revision} was released")
        )


async def repeal(
    conn: AsyncConnection, agency_id: str, policy_id: str, *, reason: str | None, now: datetime
) -> None:
    """End a policy: nothing of it is pushed any more but the notice that it ended."""
    p, r = policies.c, policy_revisions.c
    await conn.execute(
        update(policies).where(p.agency_id == agency_id, p.policy_id == policy_id).values(repealed_at=now)
    )
    await conn.execute(
        update(policy_revisions)
        .where(
            r.agency_id == agency_id,
            r.policy_id == policy_id,
            r.state.in_(("received", "waiting", "released")),
        )
        .values(state="repealed", reason=reason)
    )
