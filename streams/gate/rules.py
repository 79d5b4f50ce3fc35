"""The gate's rules, pure: who may say what about which policy, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from streams.access import Actor, Role
from streams.events import Event, EventType
from streams.events.explanation_data import FaqPublished, InterpretationPublished, ItemDecision
from streams.events.policy_data import Decision, LabelsEdited, PolicyData

Code = Literal["forbidden", "stale", "not_found", "conflict", "not_ready", "invalid"]

PUBLISHERS_WORD = (
    EventType.PUBLISHED,
    EventType.AMENDED,
    EventType.REPEALED,
    EventType.INTERPRETED,
    EventType.ANSWERED,
)
ITEM_RELEASED = (EventType.INTERPRETATION_RELEASED, EventType.FAQ_RELEASED)
OWN_SOURCE = "/agencies/"


class Refusal(Exception):
    """An event is well formed but may not stand. ``code`` tells what kind, the message what to do."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class PolicyStanding:
    """What the record knows of a policy when an event about it comes.

    ``state``, ``publisher`` and ``disclosure`` are those of ``revision``, the newest; ``released`` is the revision that
    stands released, 0 where none does.
    """

    revision: int
    state: str
    publisher: str
    disclosure: str
    repealed: bool
    released: int = 0


@dataclass(frozen=True)
class ItemStanding:
    """What the record knows of an interpretation or a FAQ: its newest revision."""

    revision: int
    state: str
    publisher: str


class Codes(Protocol):
    """The part of the taxonomy that the gate asks."""

    def exists(self, dimension: str, code: str) -> bool:
        """Whether there is such a label."""
        ...

    def nearest(self, dimension: str, code: str) -> str | None:
        """The real code that looks most like it."""
        ...


def check(
    event: Event,
    actor: Actor,
    known: PolicyStanding | None,
    *,
    elsewhere: bool,
    codes: Codes,
    item: ItemStanding | None = None,
    uninterpreted: bool = False,
) -> None:
    """Let an event pass.

    Args:
        event: well formed.
        actor: who signed it.
        known: the actor's agency's policy of that id, if there is one.
        elsewhere: whether another agency owns a policy of that id.
        codes: the taxonomy.
        item: the interpretation or FAQ that a decision is about, if there is one.
        uninterpreted: it releases a policy that is held because it must be interpreted and is not (rule 7).

    Raises:
        Refusal: it may not pass.
    """
    _role(event, actor)
    if event.type is EventType.PUBLISHED:
        if known and known.repealed:
            raise Refusal(
                "conflict", f"{event.policy_id} was repealed; publish it anew under another policy_id"
            )
    elif known is None:
        if elsewhere:
            raise Refusal(
                "forbidden", f"{event.policy_id} belongs to another agency; only its owner may change it"
            )
        if not isinstance(event.data, (InterpretationPublished, FaqPublished, ItemDecision)):
            raise Refusal(
                "not_found", f"there is no policy {event.policy_id}; publish it first with policy.published"
            )
    elif known.repealed:
        raise Refusal("conflict", f"{event.policy_id} was repealed")
    if isinstance(event.data, PolicyData):
        _labels(event.data.given_labels(), codes)
        next_revision(event.data, known)
    elif isinstance(event.data, (Decision, LabelsEdited)) and known:
        _decidable(event, actor, event.data.revision, known)
        if isinstance(event.data, LabelsEdited):
            _labels(event.data.add, codes)
        if uninterpreted:
            raise Refusal(
                "not_ready",
                f"{event.policy_id} must be interpreted and is not: publish an interpretation first "
                "(interpretation.published); it is released together with the policy",
            )
    elif isinstance(event.data, ItemDecision):
        item_decidable(event, event.data, actor, item, released=known.released if known else 0)


def next_revision(data: PolicyData, known: PolicyStanding | None) -> int:
    """Return the revision that ``data`` makes.

    Raises:
        Refusal: it names one that is not newer than what stands.
    """
    last = known.revision if known else 0
    if data.revision is not None and data.revision <= last:
        raise Refusal(
            "stale", f"revision {data.revision} of {data.policy_id} is stale: {last} stands; send {last + 1}"
        )
    return data.revision or last + 1


def _role(event: Event, actor: Actor) -> None:
    wanted = Role.PUBLISHER if event.type in PUBLISHERS_WORD else Role.REVIEWER
    if actor.role is not wanted or not actor.agency_id:
        raise Refusal(
            "forbidden", f"{event.type} takes a {wanted} key of the agency; the role of yours is {actor.role}"
        )
    if event.source.startswith(OWN_SOURCE):
        claimed = event.source.removeprefix(OWN_SOURCE).split("/")[0]
        if claimed != actor.agency_id:
            raise Refusal(
                "forbidden",
                f"source {event.source} speaks for agency {claimed}, your key for {actor.agency_id}",
            )


def _labels(labels: Sequence[str], codes: Codes) -> None:
    for label in labels:
        dimension, _, code = label.partition(":")
        if not codes.exists(dimension, code):
            near = codes.nearest(dimension, code)
            hint = (
                f"; did you mean {dimension}:{near}?" if near else "; see docs/glossary.md for the dimensions"
            )
            raise Refusal("invalid", f"labels: unknown label {label}{hint}")


def _decidable(event: Event, actor: Actor, revision: int, known: PolicyStanding) -> None:
    if revision > known.revision:
        raise Refusal(
            "not_found",
            f"there is no revision {revision} of {event.policy_id}; the newest is {known.revision}",
        )
    if revision < known.revision:
        raise Refusal(
            "stale", f"revision {revision} of {event.policy_id} is stale: decide on {known.revision}"
        )
    if known.state in ("released", "refused", "superseded"):
        raise Refusal("conflict", f"revision {revision} of {event.policy_id} was {known.state} already")
    if known.state == "received":
        raise Refusal("not_ready", f"{event.policy_id} has not been labelled yet; try again in a moment")
    if event.type is EventType.RELEASED:
        if actor.is_same_person(known.publisher):
            raise Refusal(
                "forbidden", f"{actor.holder} published {event.policy_id}: another person must release it"
            )
        if known.disclosure != "open":
            raise Refusal(
                "forbidden", f"{event.policy_id} is {known.disclosure}: only policies disclosed openly leave"
            )
    if event.type is EventType.REFUSED and not (isinstance(event.data, Decision) and event.data.reason):
        raise Refusal("invalid", "reason: say why it is refused; the publisher will read it")


def item_decidable(
    event: Event, data: ItemDecision, actor: Actor, item: ItemStanding | None, *, released: int
) -> None:
    """Let a decision on an interpretation or a FAQ pass.

    Args:
        event: the decision.
        data: what it says.
        actor: who decides.
        item: what it decides on.
        released: the revision of its policy that stands released, 0 where none does.

    Raises:
        Refusal: it may not pass.
    """
    name = f"{event.type.partition('.')[0]} {data.id} of {data.policy_id}"
    if item is None:
        raise Refusal("not_found", f"there is no {name}")
    if data.revision > item.revision:
        raise Refusal(
            "not_found", f"there is no revision {data.revision} of {name}; the newest is {item.revision}"
        )
    if data.revision < item.revision:
        raise Refusal("stale", f"revision {data.revision} of {name} is stale: decide on {item.revision}")
    if item.state != "waiting":
        raise Refusal("conflict", f"revision {data.revision} of {name} was {item.state} already")
    if event.type not in ITEM_RELEASED:
        if data.reason is None:
            raise Refusal("invalid", "reason: say why it is refused; the publisher will read it")
        return
    if actor.is_same_person(item.publisher):
        raise Refusal("forbidden", f"{actor.holder} published {name}: another person must release it")
    if not released:
        raise Refusal(
            "not_ready",
            f"{data.policy_id} has not been released: what comes before its release is released together with it",
        )
