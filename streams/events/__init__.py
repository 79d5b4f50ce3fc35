"""What the log carries: events of agencies field by field, changes of subscribers, and their signatures."""

from streams.events.event import MAX_EVENT_BYTES, Event, EventData, EventError, EventType, parse_event

__all__ = ["MAX_EVENT_BYTES", "Event", "EventData", "EventError", "EventType", "parse_event"]
