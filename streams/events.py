"""The events that agencies emit: CloudEvents 1.0 whose data is checked field by field.

Source: https://github.com/cloudevents/spec (v1.0.2, JSON format); the field names of policy data are the glossary's.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from streams.explained import FaqPublished, Interpretation, InterpretationPublished, ItemDecision
from streams.fields import MAX_REVISION as MAX_REVISION
from streams.fields import STRICT, Day, Identifier, ItemName, LabelText, Revision, Text, Url
from streams.fields import Line as Line

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


class _Strict(BaseModel):
    model_config = STRICT


class ApplyWindow(_Strict):
    """When one may apply; both days belong to it."""

    opens: Day | None = None
    closes: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> "ApplyWindow":
        if self.opens and self.closes and self.closes < self.opens:
            raise ValueError(f"closes ({self.closes}) is before opens ({self.opens})")
        return self


class Attachment(_Strict):
    """A file that belongs to the policy, by its address."""

    title: Line
    url: Url


class Relations(_Strict):
    """Other documents, by policy_id or 发文字号."""

    amends: list[Line] = []
    repeals: list[Line] = []
    based_on: list[Line] = []


class AudienceScope(_Strict):
    """定向公开范围: when any list is filled, the policy reaches only the subscribers it names."""

    subscribers: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]] = []
    credit_codes: list[Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]] = []
    associations: list[Identifier] = []

    @model_validator(mode="after")
    def _named(self) -> "AudienceScope":
        if not (self.subscribers or self.credit_codes or self.associations):
            raise ValueError(
                "name at least one subscriber, credit code or association, or leave audience_scope out"
            )
        return self


def given_labels(data: Mapping[str, Any]) -> list[str]:
    """The publisher's own labels in a policy's data, ``dimension:code``, those from ``theme`` and ``kind`` included."""
    own = [f"{name}:{data[name]}" for name in ("theme", "kind") if data.get(name)]
    return list(dict.fromkeys([*(data.get("labels") or []), *own]))


class PolicyData(_Strict):
    """The data of ``policy.published`` and ``policy.amended``."""

    policy_id: Identifier
    title: Line
    issuer: Line
    publish_date: Day
    disclosure: Literal["open", "on_request", "withheld"]
    body: Text = Field(min_length=1, max_length=400_000)
    revision: Revision | None = None
    source_url: Url | None = None
    index_number: Line | None = None
    doc_number: Line | None = None
    written_date: Day | None = None
    effective_date: Day | None = None
    valid_until: Day | None = None
    theme: str | None = Field(default=None, pattern=r"^T\d\d$")
    kind: str | None = Field(default=None, pattern=r"^[a-z]+$")
    audience_scope: AudienceScope | None = None
    apply_window: ApplyWindow | None = None
    apply_url: Url | None = None
    matter_codes: list[Line] = []
    contact: Line | None = None
    interpretations: list[Interpretation] = []
    attachments: list[Attachment] = []
    relations: Relations | None = None
    labels: list[LabelText] = []

    def given_labels(self) -> list[str]:
        """See the function of this name."""
        return given_labels({"labels": self.labels, "theme": self.theme, "kind": self.kind})


class PolicyRepealed(_Strict):
    """The data of ``policy.repealed``."""

    policy_id: Identifier
    reason: Line | None = None


class Decision(_Strict):
    """The data of ``policy.released`` and ``policy.refused``.

    ``explanations`` names the waiting interpretations and FAQs that were reviewed with it (``interpretation:ID:2``);
    left out, these are all that wait when the release is judged.
    """

    policy_id: Identifier
    revision: Revision
    reason: Line | None = None
    explanations: list[ItemName] | None = None


class FactsGiven(_Strict):
    """Facts as a reviewer corrects them: what is named counts, and null says that the text states none."""

    doc_number: Line | None = None
    effective_date: Day | None = None
    valid_until: Day | None = None
    apply_from: Day | None = None
    apply_until: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> "FactsGiven":
        if self.apply_from and self.apply_until and self.apply_until < self.apply_from:
            raise ValueError(f"apply_until ({self.apply_until}) is before apply_from ({self.apply_from})")
        return self

    def named(self) -> dict[str, str | None]:
        """What is named, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class LabelsEdited(_Strict):
    """The data of ``policy.labels_edited``: a reviewer's corrections before the release."""

    policy_id: Identifier
    revision: Revision
    add: list[LabelText] = []
    remove: list[LabelText] = []
    facts: FactsGiven = FactsGiven()


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
        raise EventError(*(_explain(e) for e in exc.errors())) from exc
    return Event(id=envelope.id, source=envelope.source, type=envelope.type, data=data)


def _again(data: dict[str, JsonValue]) -> bytes:
    try:
        return json.dumps(data, allow_nan=False).encode()
    except ValueError as exc:
        raise EventError("data: a number in it is not one that JSON has (NaN, Infinity)") from exc


def _explain(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "event"
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown field, remove it or correct its name"
    if error["type"] == "missing":
        return f"{where}: missing"
    if error["type"] == "json_invalid":
        return f"not valid JSON: {error['ctx']['error']}"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
