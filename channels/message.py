"""What is sent, and what comes back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True)
class Evidence:
    """A label that made the policy fit, and the sentence that proves it.

    ``name`` is the label's Chinese name (``软件和信息技术服务业``); ``quote`` is empty where the label was given by a
    person and not found in the text.
    """

    dimension: str
    code: str
    name: str
    quote: str = ""


@dataclass(frozen=True)
class Reason:
    """Why this came: the subscription that matched (None for the enterprise's own profile) and its evidence.

    With ``stated`` it is no subscription: ``subscription`` is then the reason itself, in words.
    """

    subscription_id: str | None
    subscription: str
    evidence: tuple[Evidence, ...]
    stated: bool = False


class Occasion(StrEnum):
    """What a message is about; it chooses the template."""

    POLICY = "policy"
    AMENDMENT = "amendment"
    REPEAL = "repeal"
    INTERPRETATION = "interpretation"
    FAQ = "faq"
    REMINDER = "reminder"
    EFFECTIVE = "effective"
    EXPIRY = "expiry"
    RELAY = "relay"
    CONFIRM = "confirm"
    SIGN_IN = "sign_in"
    INVITE = "invite"
    DIGEST = "digest"


NOTICES = frozenset(
    {Occasion.CONFIRM, Occasion.SIGN_IN, Occasion.INVITE}
)  # no push: the recipient's own affairs


@dataclass(frozen=True)
class Content:
    """What all messages of one campaign share; adapters build their skeleton once per ``content_id``.

    ``text`` is what an interpretation or a FAQ says, ``note`` what an association adds to a relay and
    ``relayed_by`` its name, ``days_left`` the working days until the application window closes,
    ``entries`` what a digest gathers, at least one; a digest's content is its recipient's alone.
    """

    content_id: str
    occasion: Occasion
    agency_id: str
    policy_id: str
    revision: int
    issuer: str
    title: str
    document_number: str | None
    summary: str
    url: str
    apply_opens: date | None = None
    apply_closes: date | None = None
    apply_url: str | None = None
    effective_date: date | None = None
    valid_until: date | None = None
    contact: str | None = None
    change_note: str | None = None
    text: str = ""
    note: str = ""
    relayed_by: str = ""
    days_left: int | None = None
    entries: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Entry:
    """One item of a digest: what a message of its own would have said, and why it came."""

    content: Content
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Message:
    """One delivery, ready to go. Never log ``address``, in the clear, nor ``unsubscribe_url``, good for whoever has it.

    ``delivery_id`` is the same at every attempt, so that the far side can recognise a repetition. ``secret`` is the
    link or the code of a notice (`NOTICES`), which has no ``unsubscribe_url``: it was asked for and comes once.
    ``urgent`` says that it must not queue behind a broad campaign.
    """

    delivery_id: str
    subscriber_id: str
    recipient: str
    address: str = field(repr=False)
    content: Content
    reasons: tuple[Reason, ...]
    unsubscribe_url: str = field(repr=False)
    occurrence: str
    at: datetime
    secret: str = field(default="", repr=False)
    urgent: bool = False


class Progress(StrEnum):
    """How far a message certainly came."""

    SENT = "sent"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Receipt:
    """The far side took it: ``progress`` says how far it came, ``reference`` is the far side's own name for it.

    Where it reports later under ids of its own, ``gateway`` is its name and ``ids`` has one for each part.
    """

    progress: Progress
    reference: str | None = None
    gateway: str = ""
    ids: tuple[str, ...] = ()
