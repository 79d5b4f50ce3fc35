"""A message as a text that can go: built and counted, or why it cannot be; pure."""

import re
from urllib.parse import urlsplit

from channels.errors import ContentError, PermanentError, TransportError
from channels.message import NOTICES, Message
from channels.sms.gateways.gateway import Text
from channels.sms.segments import Segments, segments
from channels.sms.templates import Filled
from channels.writing.render import day, headline, one_line, sms_text, window
from channels.writing.render import why as why_in_words

E164 = re.compile(r"\+[1-9]\d{6,14}")
MOST_PARTS = 10  # what Kannel is set to (`max-messages`); it would cut off the rest without a word


def text_of(message: Message, signature: str, *, as_values: bool) -> tuple[Text, Segments] | TransportError:
    """Return the text of a message and how long it is, or why it can never go.

    Args:
        message: with a number as its address.
        signature: what stands in 【】 at its beginning.
        as_values: whether a gateway wants it as values for a template, too.
    """
    if not E164.fullmatch(message.address):
        return PermanentError("not a telephone number", dead=True)
    try:
        text = sms_text(message, signature)
        length = segments(text)
        filled = filled_with(message) if as_values else None
    except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
        return ContentError(f"the text cannot be built: {type(exc).__name__}")
    if length.parts > MOST_PARTS:
        return ContentError(f"the text has {length.units} characters, more than {MOST_PARTS} parts hold")
    # A code that was asked for is in no ledger: nobody waits for its report.
    reported = message.content.occasion not in NOTICES
    return Text(message.delivery_id, message.address, text, reported, filled, message.urgent), length


def filled_with(message: Message) -> Filled:
    """Return the values of a message, one for each name of `VALUES`; "" for what it does not have."""
    content = message.content
    said = {
        "title": content.title,
        "headline": headline(content.entries[0].content if content.entries else content),
        "issuer": content.issuer,
        "document_number": content.document_number or "",
        "opens": day(content.apply_opens),
        "deadline": day(content.apply_closes),
        "window": window(content),
        "days_left": "" if content.days_left is None else str(content.days_left),
        "effective": day(content.effective_date),
        "valid_until": day(content.valid_until),
        "change_note": content.change_note or "",
        "note": content.note,
        "relayed_by": content.relayed_by,
        "count": str(len(content.entries)) if content.entries else "",
        "why": why_in_words("sms", message.reasons) if message.reasons else "",
        "code": message.secret,
        "url": content.url,
        "path": _path(content.url),
    }
    return Filled(str(content.occasion), {name: one_line(text) for name, text in said.items()})


def _path(url: str) -> str:
    """Return what follows the host, without the first slash: a template may say the rest of the address itself."""
    parts = urlsplit(url)
    return (parts.path + (f"?{parts.query}" if parts.query else "")).lstrip("/")
