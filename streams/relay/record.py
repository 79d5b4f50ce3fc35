"""Relays as rows: an association hands a revision on once, and what it wrote with it.

A relay is durable with its row; the campaign follows from it through the log. Where the log was away at that moment the
sweep hands it on later, so that a relay once answered for is never lost.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, Select, and_, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import campaigns, policy_revisions, relays
from streams.access import Actor
from streams.audit import note
from streams.campaigns.occurrences import RELAY
from streams.desk import Desk
from streams.log import EventLog
from streams.names import POLICIES_RELEASED

NAMESPACE = uuid.UUID("7c1f1d0a-5a55-5b0b-9a3d-3d3c5b0e6a21")
AT_ONCE = 500


@dataclass(frozen=True)
class Relay:
    """One revision handed on by one association; ``note`` is the association's own words, may be empty."""

    relay_id: str
    association_id: str
    agency_id: str
    policy_id: str
    revision: int
    note: str
    by: str
    at: datetime

    @property
    def occurrence(self) -> str:
        """The occasion of its campaign."""
        return f"{RELAY}:{self.relay_id}"


def relay_id(association_id: str, agency_id: str, policy_id: str, revision: int) -> str:
    """Return the id, the same at every try."""
    return str(uuid.uuid5(NAMESPACE, f"{association_id}|{agency_id}|{policy_id}|{revision}"))


async def make_relay(
    conn: AsyncConnection,
    actor: Actor,
    association_id: str,
    agency_id: str,
    policy_id: str,
    revision: int,
    *,
    words: str,
    now: datetime,
) -> tuple[Relay, bool]:
    """Write that an association hands a revision on; the first time stands.

    Args:
        conn: in a transaction.
        actor: who does it.
        association_id: whose members get it.
        agency_id: the policy's.
        policy_id: the policy.
        revision: a released one.
        words: the association's note.
        now: the moment.

    Returns:
        The relay that stands, and whether it is this one.
    """
    made = Relay(
        relay_id=relay_id(association_id, agency_id, policy_id, revision),
        association_id=association_id,
        agency_id=agency_id,
        policy_id=policy_id,
        revision=revision,
        note=words,
        by=actor.holder,
        at=now,
    )
    done = await conn.execute(insert_new(conn, relays).values(vars(made)))
    if not done.rowcount:
        standing = await find_relay(conn, made.relay_id)
        if standing is None:
            raise RuntimeError(f"relay {made.relay_id} vanished in its own transaction")
        return standing, False
    await note(
        conn,
        key=made.relay_id,
        actor=actor.holder,
        action="policy.relayed",
        subject=f"{agency_id}/{policy_id}",
        details={"association_id": association_id, "revision": revision, "note": words},
        now=now,
    )
    return made, True


async def find_relay(conn: AsyncConnection, relay: str) -> Relay | None:
    """Return a relay by its id."""
    row = (await conn.execute(select(relays).where(relays.c.relay_id == relay))).first()
    return None if row is None else Relay(**row._mapping)


async def list_relays(
    conn: AsyncConnection, association_id: str, limit: int = AT_ONCE
) -> list[tuple[Relay, str]]:
    """Return an association's relays with the policies' titles, newest first."""
    query = select(relays, policy_revisions.c.title).join(policy_revisions, _of_its_revision())
    rows = await conn.execute(
        query.where(relays.c.association_id == association_id)
        .order_by(relays.c.at.desc(), relays.c.relay_id)
        .limit(limit)
    )
    return [(Relay(*row[:-1]), row.title) for row in rows]


def _of_its_revision() -> ColumnElement[bool]:
    r, rel = policy_revisions.c, relays.c
    return and_(r.agency_id == rel.agency_id, r.policy_id == rel.policy_id, r.revision == rel.revision)


async def hand_on(log: EventLog, relay: Relay) -> None:
    """Have a relay's campaign opened; again is harmless.

    Raises:
        LogUnavailable: the log is away.
    """
    told = {
        "agency_id": relay.agency_id,
        "policy_id": relay.policy_id,
        "revision": relay.revision,
        "occurrence": relay.occurrence,
    }
    key = f"{relay.agency_id}/{relay.policy_id}".encode()
    await log.produce(POLICIES_RELEASED, key=key, value=orjson.dumps(told))


async def hand_on_forgotten(desk: Desk) -> int:
    """Relays whose hand-over never reached the log: again, as long as their revision is still released."""
    async with desk.record.read() as conn:
        rows = await conn.execute(_without_campaign(desk.clock.now() - desk.lost_after))
        found = [Relay(**row._mapping) for row in rows]
    for relay in found:
        await hand_on(desk.log, relay)
    return len(found)


def _without_campaign(before: datetime) -> Select[tuple[object, ...]]:
    c, r, rel = campaigns.c, policy_revisions.c, relays.c
    opened = and_(
        c.agency_id == rel.agency_id,
        c.policy_id == rel.policy_id,
        c.revision == rel.revision,
        c.occurrence == literal(f"{RELAY}:") + rel.relay_id,
    )
    return (
        select(relays)
        .join(policy_revisions, _of_its_revision())
        .outerjoin(campaigns, opened)
        .where(c.campaign_id.is_(None), r.state == "released", rel.at < before)
        .limit(AT_ONCE)
    )
