"""How an event gets in, whoever says it: known already, allowed by the rules, then durable, then answered."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from config.database.record import is_outage
from config.logging import get_logger
from service.house import House
from streams.access import Actor
from streams.events import Event, EventType, parse_event
from streams.gate.judging import note_received, precheck, repetition_of
from streams.log import Position

log = get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """An event that is durable; ``status`` is ``received``, or what became of it when it had come before."""

    event_id: str
    source: str
    status: str

    def as_dict(self) -> dict[str, str]:
        """The answer of docs/faces.md."""
        address = f"/api/v1/events/{quote(self.event_id, safe='')}?source={quote(self.source, safe='')}"
        return {
            "event_id": self.event_id,
            "source": self.source,
            "status": self.status,
            "status_url": address,
        }


async def take(house: House, raw: bytes, event: Event, actor: Actor) -> Taken:
    """Take one event.

    Raises:
        Refusal: the rules forbid it now; nothing was taken.
        LogUnavailable: it did not become durable; nothing was taken.
    """
    async with house.record.read() as conn:
        known = await repetition_of(conn, event, actor)
        if known is not None:
            return Taken(event.id, event.source, known.status)
        hold = house.settings.uninterpreted == "hold"
        await precheck(conn, event, actor, house.taxonomy, hold=hold)
    position = await house.log.emit(raw, event, actor)
    await _remember(house, event, actor, position)
    return Taken(event.id, event.source, "received")


async def _remember(house: House, event: Event, actor: Actor, position: Position) -> None:
    # The event is safe in the log and the gate will write this row; it only answers a status question sooner.
    try:
        async with house.record.write() as conn:
            await note_received(conn, event, actor, position, house.clock.now())
    except Exception as exc:
        if not is_outage(exc):
            raise
        log.warning("received_row_left_to_the_gate", event_id=event.id, reason=type(exc).__name__)


async def say(house: House, actor: Actor, kind: EventType, data: dict[str, Any]) -> Taken:
    """Make the CloudEvent that a reviewer's decision is, and take it like any other."""
    raw = orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": f"/agencies/{actor.agency_id}/reviewers",
            "type": kind.value,
            "time": house.clock.now().isoformat(),
            "datacontenttype": "application/json",
            "data": {name: value for name, value in data.items() if value is not None},
        }
    )
    return await take(house, raw, parse_event(raw), actor)
