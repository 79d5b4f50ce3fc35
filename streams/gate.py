"""The gate: every event from outside is proven, judged once and either takes effect or is refused with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import events
from config.metrics import EVENTS
from streams import policies, revisions
from streams.access import Actor
from streams.audit import note
from streams.events import (
    Decision,
    Event,
    EventType,
    InterpretationPublished,
    LabelsEdited,
    PolicyData,
    PolicyRepealed,
)
from streams.log import Position
from streams.rules import Codes, Refusal, check, next_revision
from streams.wrong import Wrong

ID_TAKEN = (
    "event id {0} of source {1} belongs to an event that says something else: give this one an id of its own"
)


@dataclass(frozen=True)
class EventStatus:
    """What became of an event."""

    event_id: str
    source: str
    type: str
    status: str
    reason: str | None
    policy_id: str | None
    revision: int | None
    received_at: datetime
    handled_at: datetime | None


@dataclass(frozen=True)
class Passed:
    """An event that stands: about which revision, and which step comes next."""

    agency_id: str
    policy_id: str
    revision: int
    type: EventType


async def known_event(
    conn: AsyncConnection, agency_id: str | None, event_id: str, source: str | None = None
) -> EventStatus | None:
    """Return what is known of an event; ``agency_id`` None asks across agencies, the newest of that id wins."""
    query = select(events).where(events.c.event_id == event_id)
    if agency_id is not None:
        query = query.where(events.c.agency_id == agency_id)
    if source is not None:
        query = query.where(events.c.source == source)
    row = (await conn.execute(query.order_by(events.c.received_at.desc()).limit(1))).first()
    return None if row is None else _status(row)


async def repetition_of(conn: AsyncConnection, event: Event, actor: Actor) -> EventStatus | None:
    """Return what became of this event when it came before, None when it is new.

    Raises:
        Refusal: its id belongs to an event that says something else.
    """
    key = {"agency_id": actor.agency_id or "", "source": event.source, "event_id": event.id}
    row = (await conn.execute(select(events).filter_by(**key))).first()
    if row is None:
        return None
    if row.digest != event.digest:
        raise Refusal("conflict", ID_TAKEN.format(event.id, event.source))
    return _status(row)


def _status(row: Row[Any]) -> EventStatus:
    return EventStatus(**{name: row._mapping[name] for name in EventStatus.__dataclass_fields__})


async def note_received(
    conn: AsyncConnection, event: Event, actor: Actor, at: Position, now: datetime
) -> None:
    """Write that an event is durable at ``at`` and waits for the gate."""
    await conn.execute(insert_new(conn, events), [_received(event, actor, at, now)])


async def precheck(conn: AsyncConnection, event: Event, actor: Actor, codes: Codes) -> None:
    """Give the gate's answer before the event is taken, as far as the record knows by now.

    Raises:
        Refusal: the gate would refuse it.
    """
    agency = actor.agency_id or ""
    known = await policies.standing(conn, agency, event.policy_id)
    elsewhere = known is None and await policies.owned_elsewhere(conn, agency, event.policy_id)
    check(event, actor, known, elsewhere=elsewhere, codes=codes)


async def judge(
    conn: AsyncConnection, event: Event, actor: Actor, at: Position, *, codes: Codes, now: datetime
) -> Passed | None:
    """Take an event in one transaction; the same position again returns the same answer, so that its outputs go again.

    Returns:
        What passed; None for a duplicate (another position of the same event) and for what was refused.

    Raises:
        Wrong: its id belongs to an event that says something else.
    """
    await conn.execute(insert_new(conn, events), [_received(event, actor, at, now)])
    mine = (
        events.c.agency_id == (actor.agency_id or ""),
        events.c.source == event.source,
        events.c.event_id == event.id,
    )
    row = (await conn.execute(select(events).where(*mine).with_for_update())).one()
    if (row.topic, row.partition, row.offset) != (at.topic, at.partition, at.offset):
        if row.digest != event.digest:
            raise Wrong(ID_TAKEN.format(event.id, event.source))
        EVENTS.labels(event.type, "duplicate").inc()
        return None
    if row.status == "accepted":
        return Passed(row.agency_id, row.policy_id, row.revision, event.type)
    if row.status != "received":
        return None
    try:
        known = await policies.standing(conn, row.agency_id, event.policy_id)
        elsewhere = known is None and await policies.owned_elsewhere(conn, row.agency_id, event.policy_id)
        check(event, actor, known, elsewhere=elsewhere, codes=codes)
        last = known.revision if known else 0
        revision = next_revision(event.data, known) if isinstance(event.data, PolicyData) else last
        await _take(conn, event, actor, revision, now)
        values: dict[str, Any] = {"status": "accepted", "revision": revision}
    except Refusal as exc:
        values = {"status": "refused", "reason": exc.message}
    EVENTS.labels(event.type, values["status"]).inc()
    await conn.execute(
        update(events).where(*mine).values(handled_at=now, policy_id=event.policy_id, **values)
    )
    if values["status"] == "refused":
        return None
    return Passed(row.agency_id, event.policy_id, revision, event.type)


async def _take(conn: AsyncConnection, event: Event, actor: Actor, revision: int, now: datetime) -> None:
    agency, policy, data = actor.agency_id or "", event.policy_id, event.data
    match data:
        case PolicyData():
            await revisions.add_revision(
                conn, event, data, agency_id=agency, publisher=actor.holder, revision=revision, now=now
            )
        case PolicyRepealed():
            await revisions.repeal(conn, agency, policy, reason=data.reason, now=now)
        case Decision():
            state = "released" if event.type is EventType.RELEASED else "refused"
            await revisions.decide(
                conn, agency, policy, revision, state=state, by=actor.holder, reason=data.reason, now=now
            )
        case LabelsEdited():
            await revisions.edit_labels(conn, agency, policy, revision, add=data.add, remove=data.remove)
        case InterpretationPublished():
            await revisions.add_interpretation(
                conn, agency, policy, data.interpretation.model_dump(mode="json", exclude_none=True)
            )
        case _:
            assert_never(data)
    await note(
        conn,
        key=f"{agency}|{event.source}|{event.id}",
        actor=actor.holder,
        action=event.type,
        subject=f"{agency}/{policy}@{revision}",
        details=data.model_dump(mode="json", exclude={"body"}, exclude_none=True),
        now=now,
    )


def _received(event: Event, actor: Actor, at: Position, now: datetime) -> dict[str, Any]:
    return {
        "agency_id": actor.agency_id or "",
        "source": event.source,
        "event_id": event.id,
        "type": event.type.value,
        "digest": event.digest,
        "topic": at.topic,
        "partition": at.partition,
        "offset": at.offset,
        "status": "received",
        "policy_id": event.policy_id,
        "received_at": now,
    }
