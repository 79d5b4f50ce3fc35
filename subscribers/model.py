"""What is known about a subscriber: the shapes that come in, checked field by field."""

import zlib
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from subscribers.addresses import PUSHED, SPACE, normalise
from subscribers.criteria import Criteria
from subscribers.words.codes import Group, Industry, Qualification, Region, Size, Subject, distinct

PENDING, ACTIVE, LEFT = "pending", "active", "left"  # the states of a subscriber
MAX_CONTACTS = 16
MAX_LIST = 32
_of_codes = Field(max_length=MAX_LIST, fail_fast=True)  # what a wrong one means takes a while to find out


def shard_of(subscriber_id: str, shards: int) -> int:
    """Return the shard of a subscriber, 0 ≤ shard < ``shards``.

    CRC-32 is fixed for ever: rows, partitions and snapshots of every installation depend on it.
    """
    return zlib.crc32(subscriber_id.encode()) % shards


def _credit_code(code: str) -> str:
    try:
        return str(uscc.validate(code))
    except NumberError as exc:
        raise ValueError(f"not a unified social credit code: {exc}") from exc


def _known_channel(name: str) -> str:
    if name not in PUSHED:
        raise ValueError(f"unknown channel, use one of {', '.join(PUSHED)}")
    return name


SubscriberId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
CreditCode = Annotated[str, AfterValidator(_credit_code)]
ChannelName = Annotated[str, AfterValidator(_known_channel)]
Channels = Annotated[tuple[ChannelName, ...], Field(max_length=len(PUSHED)), AfterValidator(distinct)]
Frequency = Literal["instant", "daily", "weekly"]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Strict(BaseModel):
    """The base of what comes in: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Profile(Strict):
    """What a subscriber says about itself; ``revenue`` in yuan a year, ``staff`` in persons."""

    region: Region | None = None
    industries: Annotated[tuple[Industry, ...], _of_codes, AfterValidator(distinct)] = ()
    size: Size | None = None
    qualifications: Annotated[tuple[Qualification, ...], _of_codes, AfterValidator(distinct)] = ()
    groups: Annotated[tuple[Group, ...], _of_codes, AfterValidator(distinct)] = ()
    staff: int | None = Field(default=None, ge=0, le=10_000_000)
    revenue: int | None = Field(default=None, ge=0, le=10**15)
    founded: date | None = None


class Consent(Strict):
    """Why we may push to an address: on what basis, since when, and where the proof lies."""

    basis: ShortText
    at: AwareDatetime
    evidence: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ContactIn(Strict):
    """An address on a channel, in its normal spelling; without consent nothing is pushed to it."""

    channel: str
    address: str = Field(repr=False, max_length=2000)
    consent: Consent | None = None

    @model_validator(mode="before")
    @classmethod
    def _normal(cls, given: object) -> object:
        if (
            isinstance(given, dict)
            and isinstance(given.get("channel"), str)
            and isinstance(given.get("address"), str)
        ):
            return {**given, "address": normalise(given["channel"], given["address"])}
        return given

    def __hash__(self) -> int:
        # Contacts are keys by the thousand; whoever says the same of the same address is rare.
        return hash((self.channel, self.address))


class QuietHours(BaseModel):
    """Daily hours in Asia/Shanghai, ``from`` inclusive, ``to`` exclusive; 22:00-07:00 spans midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    @model_validator(mode="after")
    def _sound(self) -> "QuietHours":
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("quiet hours are local to Asia/Shanghai: write 22:00, without a zone")
        if self.start == self.end:
            raise ValueError("quiet hours begin and end at the same time; leave them out or change one")
        return self


class Preferences(Strict):
    """How a subscriber wants to be reached.

    ``profile_channels`` is where matches of its profile may go; ``frequency`` whether a policy comes at once or in a
    digest of the day or week.
    """

    quiet_hours: QuietHours | None = None
    profile_channels: Channels = (SPACE,)
    frequency: Frequency = "instant"


class SubscriberIn(Strict):
    """A subscriber as it is put: the whole of it but its subscriptions."""

    name: ShortText
    credit_code: CreditCode | None = None
    kind: Subject = "enterprise"
    profile: Profile = Profile()
    contacts: tuple[ContactIn, ...] = Field(default=(), max_length=MAX_CONTACTS)
    preferences: Preferences = Preferences()
    profile_matching: bool = True


class SubscriptionIn(Strict):
    """A subscription as it is put. ``id`` is the subscriber's own word for it; without one its criteria name it."""

    id: Slug | None = None
    name: ShortText
    criteria: Criteria
    channels: Annotated[Channels, Field(min_length=1)] = (SPACE,)


@dataclass(frozen=True)
class Enrolment:
    """One subscriber with its subscriptions, ready for the bulk path; ``line`` is where it stood in a file."""

    subscriber_id: str
    subscriber: SubscriberIn
    subscriptions: tuple[SubscriptionIn, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken, and why; ``line`` is 1-based, the header being line 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Change:
    """A subscriber changed: what the matching index is told. It holds no contact."""

    subscriber_id: str
    shard: int
    version: int
