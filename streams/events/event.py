"""The events that agencies emit: CloudEvents 1.0 whose data is checked field by field.

Source: https://github.com/cloudevents/spec (v1.0.2, JSON format); the field names of policy data are the glossary's.
"""

import json
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from streams.events.explanation_data import FaqPublished, InterpretationPublished, ItemDecision
from streams.events.fields import Text
from streams.events.policy_data import Decision, LabelsEdited, PolicyData, PolicyRepealed
from subscribers.words.plainly import plainly

MAX_EVENT_BYTES = 512 * 1024


class EventError(ValueError):
    """An event is malformed. The message names each wrong field and what is expected; correct it and send it again.

    ``wrong`` has the same, a line per field.
    """

    def __init__(self, *wrong: str) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = wrong


class EventType(StrEnum):
    """What can be said about a policy."""

    PUBLISHED = "policy.published"
    AMENDED = "policy.amended"
    REPEALED = "policy.repealed"
    RELEASED = "policy.released"
    REFUSED = "policy.refused"
    LABELS_EDITED = "policy.labels_edited"
    INTERPRETED = "interpretation.published"
    INTERPRETATION_RELEASED = "interpretation.released"
    INTERPRETATION_REFUSED = "interpretation.refused"
    ANSWERED = "faq.published"
    FAQ_RELEASED = "faq.released"
    FAQ_REFUSED = "faq.refused"


EventData = (
    PolicyData
    | PolicyRepealed
    | Decision
    | LabelsEdited
    | InterpretationPublished
    | FaqPublished
    | ItemDecision
)

DATA_OF: dict[EventType, type[EventData]] = {
    EventType.PUBLISHED: PolicyData,
    EventType.AMENDED: PolicyData,
    EventType.REPEALED: PolicyRepealed,
    EventType.RELEASED: Decision,
    EventType.REFUSED: Decision,
    EventType.LABELS_EDITED: LabelsEdited,
    EventType.INTERPRETED: InterpretationPublished,
    EventType.INTERPRETATION_RELEASED: ItemDecision,
    EventType.INTERPRETATION_REFUSED: ItemDecision,
    EventType.ANSWERED: FaqPublished,
    EventType.FAQ_RELEASED: ItemDecision,
    EventType.FAQ_REFUSED: ItemDecision,
}


class Envelope(BaseModel):
    """A CloudEvent in structured JSON; extension attributes are allowed, as CloudEvents says."""

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[Text, Field(min_length=1, max_length=128)]
    source: Annotated[Text, Field(min_length=1, max_length=256)]
    type: EventType
    time: Annotated[AwareDatetime, Field(strict=True)] | None = None
    subject: str | None = None
    datacontenttype: Literal["application/json"] | None = None
    data: dict[str, JsonValue]


class Event(BaseModel):
    """A CloudEvent whose data has been checked."""

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    type: EventType
    data: EventData

    @property
    def policy_id(self) -> str:
        """The policy it speaks about."""
        return self.data.policy_id

    @property
    def item_kind(self) -> str:
        """Of an event about an interpretation or a FAQ: which of the two."""
        return self.type.partition(".")[0]

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, in hex: the same however the JSON was written down."""
        # A field that came later and is not used does not make another event of one that was taken before it came.
        unsaid = isinstance(self.data, Decision) and self.data.explanations is None
        said = self.data.model_dump_json(exclude={"explanations"} if unsaid else None)
        return sha256(f"{self.type}\n{said}".encode()).hexdigest()


def parse_event(raw: bytes | str) -> Event:
    """Read one CloudEvent.

    Args:
        raw: UTF-8 JSON, at most ``MAX_EVENT_BYTES``.

    Raises:
        EventError: with every wrong field by name.
    """
    try:
        raw = raw.encode() if isinstance(raw, str) else raw
    except UnicodeEncodeError as exc:
        raise EventError(f"not valid UTF-8: {exc.reason}") from exc
    if len(raw) > MAX_EVENT_BYTES:
        raise EventError(
            f"the event is larger than {MAX_EVENT_BYTES // 1024} KiB; move long attachments behind links"
        )
    try:
        envelope = Envelope.model_validate_json(raw)
        data = DATA_OF[envelope.type].model_validate_json(_again(envelope.data))
    except ValidationError as exc:
        raise EventError(*_explain(exc)) from exc
    return Event(id=envelope.id, source=envelope.source, type=envelope.type, data=data)


def _again(data: dict[str, JsonValue]) -> bytes:
    try:
        return json.dumps(data, allow_nan=False).encode()
    except ValueError as exc:
        raise EventError("data: a number in it is not one that JSON has (NaN, Infinity)") from exc


def _explain(error: ValidationError) -> list[str]:
    broken = [one for one in error.errors() if one["type"] == "json_invalid"]
    if broken:
        return [f"not valid JSON: {one['ctx']['error']}" for one in broken]
    told = plainly(error.errors(include_input=False, include_url=False))
    return [f"{'.'.join(map(str, location)) or 'event'}: {words}" for location, words in told]
