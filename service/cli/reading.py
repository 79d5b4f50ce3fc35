"""Events from a file: a CloudEvent, bare policy data, or JSONL of either, told apart by their content."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from service.cli.failures import CommandFailed
from service.cli.words import Words
from streams.events import EventType

NAMESPACE = uuid.UUID("9b7a4f0e-6a0b-5d5c-8f0e-0d6f1b1f4f5a")
SOURCE = "/cli"  # the key says whose event it is; a source below /agencies/ would have to repeat it
LINE_SUFFIXES = (".jsonl", ".ndjson")
WINDOW = 50


class Unreadable(CommandFailed):
    """The file (or one of its lines) is not what can be published; the message says where and why."""


@dataclass(frozen=True)
class Item:
    """One event of a file; ``problem`` says why its line could not be read."""

    line: int
    event: dict[str, Any]
    problem: str | None = None
    read_bytes: int = 0

    @property
    def policy_id(self) -> str:
        """The policy it speaks about; empty where it names none, which the service will refuse."""
        data = self.event.get("data")
        return str(data.get("policy_id", "")) if isinstance(data, dict) else ""

    @property
    def type(self) -> str:
        """Its CloudEvent type."""
        return str(self.event.get("type", ""))


@dataclass(frozen=True)
class Reading:
    """A file that has been recognised; ``lines`` is true for JSONL, whose answer is an array."""

    items: Iterator[Item]
    lines: bool


def read_events(stream: Iterable[bytes], name: str, words: Words) -> Reading:
    """Recognise ``stream`` and read it; JSONL is read line by line as it is asked for.

    Raises:
        Unreadable: it is empty, or one document that is no JSON object. A bad line of JSONL is an item with a problem.
    """
    numbered = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise Unreadable(words("empty", file=name))
    second = next(numbered, None)
    if name.endswith(LINE_SUFFIXES) or (second is not None and _is_object(first[1])):
        rest = chain([first], [second] if second else [], numbered)
        return Reading((_line(number, line, words) for number, line in rest), lines=True)
    whole = b"".join([first[1], second[1] if second else b"", *(line for _, line in numbered)])
    event = as_event(parse_object(whole, name, words))
    return Reading(iter([Item(1, event, read_bytes=len(whole))]), lines=False)


def parse_object(raw: bytes, where: str, words: Words) -> dict[str, Any]:
    """Return the JSON object in ``raw``.

    Raises:
        Unreadable: it is none.
    """
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise Unreadable(words("not_utf8", where=where)) from exc
    except (ValueError, RecursionError) as exc:
        raise Unreadable(words("not_json", where=where, reason=exc)) from exc
    if not isinstance(value, dict):
        raise Unreadable(words("not_object", where=where))
    return value


def as_event(value: dict[str, Any]) -> dict[str, Any]:
    """Return ``value`` if it is a CloudEvent, else wrap it as the data of ``policy.published``.

    The id is made from the content, so that repeating a command is the same event again.
    """
    if "specversion" in value or ("type" in value and "data" in value):
        return value
    return event_with(EventType.PUBLISHED, value)


def event_with(kind: EventType, data: dict[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent of ``kind`` with ``data``; its id is made from the content."""
    content = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    named = content if kind is EventType.PUBLISHED else f"{kind}|{content}"
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(NAMESPACE, named)),
        "source": SOURCE,
        "type": kind.value,
        "datacontenttype": "application/json",
        "data": data,
    }


def windows(items: Iterable[Item], size: int = WINDOW) -> Iterator[list[Item]]:
    """Yield runs of at most ``size`` items in which no policy comes twice, in order.

    Within a run the steps of all items may be done side by side; a second word about a policy waits for the first.
    """
    run: list[Item] = []
    seen: set[str] = set()
    for item in items:
        if run and (len(run) >= size or item.policy_id in seen):
            yield run
            run, seen = [], set()
        run.append(item)
        seen.add(item.policy_id)
    if run:
        yield run


def _line(number: int, raw: bytes, words: Words) -> Item:
    try:
        event = as_event(parse_object(raw, words("line", line=number), words))
    except Unreadable as exc:
        return Item(number, {}, str(exc), len(raw))
    return Item(number, event, read_bytes=len(raw))


def _is_object(raw: bytes) -> bool:
    try:
        return isinstance(json.loads(raw.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False
