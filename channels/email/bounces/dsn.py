"""Reports that machines wrote for machines: delivery status (RFC 3464), feedback (RFC 5965), what was returned."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from channels.email.bounces.mime import Fields, Mail, Part, fields_of, first, spoken

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED_PARTS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
FEEDBACK = "message/feedback-report"
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
OWN_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
MESSAGE_ID = re.compile(r"message-id:\s{0,20}<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
BLOCKS = re.compile(rb"\n[ \t]*\n")
BLOCK_BYTES = 64 << 10
MOST_RECIPIENTS = 20


@dataclass(frozen=True)
class Recipient:
    """What a delivery status says about one recipient; ``status`` is "" where it says none."""

    action: str
    status: str
    diagnostic: str
    address: str
    remote: str


def recipients_of(mail: Mail) -> list[Recipient]:
    """Return what the delivery status of a message says, those that failed first."""
    found = [
        _recipient(fields)
        for part in mail.parts
        if part.kind in STATUS_PARTS
        for fields in _blocks(part)
        if any(name in fields for name in ("final-recipient", "action", "status"))
    ]
    return sorted(found, key=lambda one: one.action != "failed")


def reporting_hosts(mail: Mail) -> list[str]:
    """Return the servers that a delivery status names."""
    names = ("reporting-mta", "remote-mta", "received-from-mta")
    parts = (part for part in mail.parts if part.kind in STATUS_PARTS)
    return [_value(first(fields, name)) for part in parts for fields in _blocks(part) for name in names]


def feedback_of(mail: Mail) -> Fields | None:
    """Return the fields of a feedback report; None where there is none."""
    return next((fields_of(part.content()) for part in mail.parts if part.kind == FEEDBACK), None)


def returned_fields(mail: Mail) -> Fields:
    """Return the head of the message that was returned; {} where none is there."""
    for part in mail.parts:
        if part.kind in RETURNED_PARTS:
            head = BLOCKS.split(part.content()[:BLOCK_BYTES].lstrip(b"\n"), 1)[0]
            return fields_of(head)
    return {}


def returned_id(mail: Mail, texts: Sequence[str]) -> str | None:
    """Return the delivery that the returned Message-ID names, from its head or as people's text quotes it."""
    found = OWN_ID.search(first(returned_fields(mail), "message-id"))
    quoted = (MESSAGE_ID.search(text) for text in texts)
    match = found or next((one for one in quoted if one is not None), None)
    return match[1].lower() if match else None


def status_in(text: str) -> str:
    """Return the first enhanced status code in a text; "" where there is none."""
    found = STATUS.search(text)
    return found[1] if found else ""


def vague(status: str) -> bool:
    """Whether a status says nothing but that it failed."""
    return not status or status.endswith(".0.0")


def _recipient(fields: Fields) -> Recipient:
    said = spoken(_value(first(fields, "diagnostic-code")))
    status = status_in(first(fields, "status"))
    # Many servers put a vague status beside the reply that knew better.
    better = status_in(said) if vague(status) else ""
    address = _value(first(fields, "original-recipient")) or _value(first(fields, "final-recipient"))
    action = first(fields, "action").partition("(")[0].strip().lower()
    return Recipient(action, better or status, said, address, _value(first(fields, "remote-mta")))


def _value(field: str) -> str:
    """Return a field without its type: ``rfc822; a@b`` is ``a@b``."""
    kind, semicolon, value = field.partition(";")
    return (value if semicolon and "@" not in kind else field).strip()


def _blocks(part: Part) -> Iterator[Fields]:
    for block in BLOCKS.split(part.content()[:BLOCK_BYTES], MOST_RECIPIENTS):
        if fields := fields_of(block.strip(b"\n")):
            yield fields
