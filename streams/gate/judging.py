"""The gate: every event from outside is proven, judged once and either takes effect or is refused with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import events
from config.metrics import EVENTS
from streams import policies
from streams.access import Actor
from streams.events import Event, EventType
from streams.events.explanation_data import InterpretationPublished, ItemDecision, occurrence_of
from streams.events.policy_data import Decision, LabelsEdited, PolicyData
from streams.explanations.owed import interpreted_by_release
from streams.explanations.record import item_standing
from streams.explanations.rules import COPIED, copied_share
from streams.gate.corrections import check_conditions
from streams.gate.effects import take_effect
from streams.gate.rules import ITEM_RELEASED, Codes, PolicyStanding, Refusal, check, next_revision
from streams.log import Position
from streams.wrong import Wrong

ID_TAKEN = (
    "event id {0} of source {1} belongs to an event that says something else: give this one an id of its own"
)

UNINTERPRETED = "released without an interpretation, which this policy must have (interpretation: missing)"
A_COPY = "{0:.0%} of it is copied from the policy: explain it in words of its own before a reviewer decides"


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
    """An event that stands: about which revision (0: none yet), and which step comes next.

    ``item`` is the occurrence on which a released interpretation or FAQ is pushed.
    """

    agency_id: str
    policy_id: str
    revision: int
    type: EventType
    item: str | None = None


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


async def precheck(
    conn: AsyncConnection, event: Event, actor: Actor, codes: Codes, *, hold: bool = False
) -> None:
    """Give the gate's answer before the event is taken, as far as the record knows by now.

    Raises:
        Refusal: the gate would refuse it.
    """
    await _checked(conn, event, actor, codes, hold)
    if isinstance(event.data, LabelsEdited):
        await check_conditions(conn, actor.agency_id or "", event.data)


async def _checked(
    conn: AsyncConnection, event: Event, actor: Actor, codes: Codes, hold: bool
) -> tuple[PolicyStanding | None, bool]:
    """Return what the record knows of the policy, and whether the event releases it without its interpretation."""
    agency, data = actor.agency_id or "", event.data
    known = await policies.standing(conn, agency, event.policy_id)
    elsewhere = known is None and await policies.owned_elsewhere(conn, agency, event.policy_id)
    item = None
    if isinstance(data, ItemDecision):
        item = await item_standing(conn, agency, event.policy_id, event.item_kind, data.id)
    missing = False
    if isinstance(data, Decision) and event.type is EventType.RELEASED and known:
        view = await policies.find_policy(conn, agency, event.policy_id, known.revision)
        missing = (
            view is not None
            and await interpreted_by_release(conn, view, actor, data.explanations) == "missing"
        )
    check(
        event,
        actor,
        known,
        elsewhere=elsewhere,
        codes=codes,
        item=item,
        uninterpreted=hold and missing,
    )
    return known, missing


async def _remark(conn: AsyncConnection, event: Event, agency_id: str, *, missing: bool) -> str | None:
    """Return what its sender should know of an event that passes (rules 7 and 8)."""
    if missing:
        return UNINTERPRETED
    if isinstance(event.data, InterpretationPublished):
        view = await policies.find_policy(conn, agency_id, event.policy_id)
        share = copied_share(event.data.interpretation.body, view.body) if view else 0.0
        return A_COPY.format(share) if share >= COPIED else None
    return None


async def judge(
    conn: AsyncConnection,
    event: Event,
    actor: Actor,
    at: Position,
    *,
    codes: Codes,
    now: datetime,
    hold: bool = False,
) -> Passed | None:
    """Take an event in one transaction; the same position again returns the same answer, so that its outputs go again.

    Args:
        conn: a transaction.
        event: well formed.
        actor: who signed it.
        at: where it stands in the log.
        codes: the taxonomy.
        now: the moment.
        hold: whether a policy that must be interpreted and is not is held; else it is released and flagged (rule 7).

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
        return _passed(event, row.agency_id, row.revision or 0)
    if row.status != "received":
        return None
    try:
        known, missing = await _checked(conn, event, actor, codes, hold)
        revision = _about(event, known)
        remark = await _remark(conn, event, row.agency_id, missing=missing)
        await take_effect(conn, event, actor, revision, now)
        values: dict[str, Any] = {"status": "accepted", "revision": revision or None, "reason": remark}
    except Refusal as exc:
        values = {"status": "refused", "reason": exc.message}
    EVENTS.labels(event.type, values["status"]).inc()
    await conn.execute(
        update(events).where(*mine).values(handled_at=now, policy_id=event.policy_id, **values)
    )
    if values["status"] == "refused":
        return None
    return _passed(event, row.agency_id, revision)


def _about(event: Event, known: PolicyStanding | None) -> int:
    """Return the revision that an event makes or is about; what explains a policy is told with the released one."""
    if isinstance(event.data, PolicyData):
        return next_revision(event.data, known)
    if known is None:
        return 0
    return known.released if event.type in ITEM_RELEASED else known.revision


def _passed(event: Event, agency_id: str, revision: int) -> Passed:
    item = None
    if isinstance(event.data, ItemDecision) and event.type in ITEM_RELEASED:
        item = occurrence_of(event.item_kind, event.data.id, event.data.revision)
    return Passed(agency_id, event.policy_id, revision, event.type, item)


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
