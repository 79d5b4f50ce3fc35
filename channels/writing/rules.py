"""What every message has to say, whoever wrote its template: what it is about, why it came, how to leave; pure."""

import re
from collections.abc import Iterator

from channels.message import NOTICES, Content, Message, Reason

SIGNED = re.compile(r"【[^【】]{2,20}】")
WAYS_OUT = ("退订", "拒收")
TITLE_IN_SMS = 8  # characters of a title that at least are there
REASON_SHOWN = 8  # … and of a subscription's name


def lacks(medium: str, message: Message, text: str) -> Iterator[str]:
    """Return what a message does not say and has to.

    Args:
        medium: ``email``, ``sms`` or ``space``.
        message: a sample (`channels.writing.samples`) or a real one; its first reason counts.
        text: it, rendered for its recipient.
    """
    notice = message.content.occasion in NOTICES
    if medium == "sms" and not SIGNED.match(text):
        yield "does not begin with 【{{ signature }}】, which carriers insist on"
    if notice:
        if message.secret not in text:
            yield "does not carry the link or code that it is for: {{ slots.secret }}"
        return
    if not _says_what(medium, message.content, text):
        yield "does not say what it is about: {{ content.title }}"
    if not all(_says_why(medium, reason, text) for reason in message.reasons[:1]):
        yield "does not say why it came: {{ slots.why }}"
    if not _says_how_to_leave(medium, message, text):
        yield "does not say how to leave: " + ("退订回T" if medium == "sms" else "{{ slots.leave }}")


def _says_what(medium: str, content: Content, text: str) -> bool:
    title = content.entries[0].content.title if content.entries else content.title
    return title[: TITLE_IN_SMS if medium == "sms" else None] in text


def _says_why(medium: str, reason: Reason, text: str) -> bool:
    if reason.stated:
        return reason.subscription[:REASON_SHOWN] in text
    if reason.subscription_id is None:
        return "登记信息" in text
    quoted = all(item.quote in text for item in reason.evidence) or medium == "sms"
    return reason.subscription[:REASON_SHOWN] in text and quoted


def _says_how_to_leave(medium: str, message: Message, text: str) -> bool:
    if medium == "sms":
        return any(word in text for word in WAYS_OUT)
    return message.unsubscribe_url in text
