"""A message as its recipient would have it, over any channel, for whoever looks before it goes; pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from channels.mask import mask_link
from channels.message import NOTICES, Message, Occasion
from channels.sms.segments import Segments, segments
from channels.writing.office import shipped_names
from channels.writing.render import headline, mail_pieces, mail_slots, plain_text, sms_text, space_text
from channels.writing.rules import lacks
from config.channels import NAMES, NOISY

WRITTEN = ("email", "sms", "space")  # by templates of their own; of the others see `_of_its_own`

Writes = Callable[[Message], str]


@dataclass(frozen=True)
class Shown:
    """What goes out.

    Attributes:
        subject: of a mail; the title in the enterprise space; "" where there is none.
        text: what is read; a webhook's JSON, what any other channel says it writes.
        html: of a mail.
        segments: how long a text message is.
        lacks: what it does not say and would have to; an office's own templates may make it so.
    """

    subject: str
    text: str
    html: str | None = None
    segments: Segments | None = None
    lacks: tuple[str, ...] = ()


def carried(channel: str) -> frozenset[Occasion]:
    """Return the occasions on which a channel carries messages."""
    if channel in WRITTEN:
        return frozenset(one for one in Occasion if f"{channel}/{one}.txt.jinja" in shipped_names())
    never_digested = channel in NAMES and channel not in NOISY
    return frozenset(Occasion) - NOTICES - ({Occasion.DIGEST} if never_digested else set())


def masked(message: Message) -> Message:
    """Return a message that nobody can act with: no code, no address, links that lead nowhere."""
    secret = mask_link(message.secret) if "/" in message.secret else "*" * len(message.secret)
    return replace(message, address="", unsubscribe_url=mask_link(message.unsubscribe_url), secret=secret)


def shown(channel: str, message: Message, signature: str) -> Shown:
    """Return a message as ``channel`` writes it.

    Args:
        channel: one whose `carried` has the occasion.
        message: masked, or a sample's.
        signature: what stands in 【】 in a text message.

    Raises:
        jinja2.TemplateError: an office's template cannot write this one.
    """
    match channel:
        case "sms":
            text = sms_text(message, signature)
            return Shown("", text, segments=segments(text), lacks=tuple(lacks("sms", message, text)))
        case "email":
            text = mail_pieces(message.content, "txt").fill(mail_slots(message, "txt"))
            html = mail_pieces(message.content, "html").fill(mail_slots(message, "html"))
            missing = tuple(lacks("email", message, text))
            return Shown(headline(message.content), text, html, lacks=missing)
        case "space":
            text = space_text(message)
            return Shown(headline(message.content), text, lacks=tuple(lacks("space", message, text)))
    return Shown("", _of_its_own(channel)(message))


def _of_its_own(channel: str) -> Writes:
    """Return ``written`` of a channel's module, which says what it sends; one without it sends `plain_text`."""
    return cast(Writes, getattr(import_module(f"channels.{channel}"), "written", plain_text))
