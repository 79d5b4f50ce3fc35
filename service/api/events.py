"""Events: taken once they are durable, and asked about afterwards."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from service.api.intake import take
from service.api.problems import not_found
from service.api.security import Emitter, HouseOf, Staff, own_agency
from service.api.shapes import AgencyQuery, plain
from streams.events import EventType, parse_event
from streams.gate.judging import known_event

router = APIRouter(prefix="/api/v1/events", tags=["events"])

CLOUD_EVENT = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"type": "string", "enum": ["1.0"]},
        "id": {"type": "string", "minLength": 1, "maxLength": 128},
        "source": {"type": "string", "minLength": 1, "maxLength": 256},
        "type": {"type": "string", "enum": [kind.value for kind in EventType]},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string"},
        "datacontenttype": {"type": "string", "enum": ["application/json"]},
        "data": {"type": "object"},
    },
}
EVENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": CLOUD_EVENT} for kind in ("application/cloudevents+json", "application/json")
        },
    }
}


@router.post("", status_code=202, openapi_extra=EVENT_BODY)
async def post_event(request: Request, house: HouseOf, actor: Emitter) -> dict[str, str]:
    """Take one CloudEvent in structured JSON; 202 says that it is durable."""
    raw = await request.body()
    taken = await take(house, raw, parse_event(raw), actor)
    return taken.as_dict()


# An event's id is its sender's word and may hold slashes.
@router.get("/{event_id:path}")
async def get_event(
    event_id: str,
    house: HouseOf,
    actor: Staff,
    source: Annotated[str | None, Query(max_length=256)] = None,
    agency: AgencyQuery = None,
) -> dict[str, Any]:
    """What became of an event; where several sources used the id, name the ``source``."""
    async with house.record.read() as conn:
        status = await known_event(conn, own_agency(actor, agency), event_id, source)
    if status is None:
        raise not_found(f"event {event_id}")
    answer: dict[str, Any] = plain(asdict(status))
    return answer
