"""What a ``deliver_sm`` is: a report about a message, or (a part of) what somebody writes; pure.

Source: SMPP 3.4, 5.2.12 (esm_class), 5.2.28 (states) and appendix B (reports as text).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smpp34 import (
    DeliverSm,
    SmppError,
    decode,
)

from channels.heard import Status
from channels.sms.gateways.smpp.alphabets import decoded
from channels.sms.gateways.smpp.pdu import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    SAR_INDEX,
    SAR_REFERENCE,
    SAR_TOTAL,
)
from channels.sms.gateways.smpp.place import Charset

KIND = 0x3C  # the bits of esm_class that say what kind of message this is
REPORTS = (0x04, 0x20)  # of the carrier, at the end or on the way
MARKED = 0x40
CONCATENATED = {0x00: 3, 0x08: 4}  # header elements that number parts, and their lengths

ID_CHARS = (
    64  # of a message_id (4.4.2); what is longer is none, and no number that anybody turns into decimals
)
ID = re.compile(r"\bid:\s*([^\s]+)", re.IGNORECASE)
STATE = re.compile(r"\bstat(?:us)?:\s*([^\s]+)", re.IGNORECASE)
ERROR = re.compile(r"\berr:\s*([^\s]+)", re.IGNORECASE)
STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
ON_THE_WAY = frozenset({"ACCEPTD", "ENROUTE", "SCHEDULED", "BUFFRED", "BUFFERED"})
ARRIVED = frozenset({"DELIVRD", "DELIVERED"})

MAINLAND = re.compile(r"1[3-9]\d{9}")
MOBILE = re.compile(r"\+861[3-9]\d{9}")
E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Reported:
    """A report.

    Attributes:
        ids: the message's id as the carrier writes it, the surest spelling first: of a parameter, of the text.
        numbers: of the two ends that are not ours, E.164, mobiles of the mainland first: some carriers leave the ends
            as they were, most turn them round.
        status: how far the message came.
        words: state and error as the carrier says them.
    """

    ids: tuple[str, ...]
    numbers: tuple[str, ...] = field(repr=False)
    status: Status
    words: str


@dataclass(frozen=True)
class Piece:
    """What somebody writes, or a part of it: the ``index``th of ``total`` that share a ``reference``."""

    number: str = field(repr=False)
    data: bytes = field(repr=False)
    coding: int
    reference: int = 0
    total: int = 1
    index: int = 1


def read(raw: bytes, charset: Charset = "gsm7", own: str = "") -> Reported | Piece:
    """Return what a whole ``deliver_sm`` says; ``own`` is the number that our messages come from.

    Only a carrier's mark makes a report of it: words of a report that somebody types are a text like any other.

    Raises:
        ValueError: it cannot be read, it reports without id or state, or nobody who has a number wrote it.
    """
    try:
        message = decode(raw)
    except SmppError as exc:
        raise ValueError(f"no deliver_sm: {exc}") from exc
    if not isinstance(message, DeliverSm):
        raise ValueError("no deliver_sm")
    parameters = {one.tag: one.value for one in message.tlvs}
    data = bytes(message.short_message) or parameters.get(MESSAGE_PAYLOAD, b"")
    if message.esm_class & KIND in REPORTS or RECEIPTED_MESSAGE_ID in parameters:
        return _reported(message, data, parameters, charset, own)
    return _piece(message, data, parameters)


def _reported(
    message: DeliverSm, data: bytes, parameters: Mapping[int, bytes], charset: Charset, own: str
) -> Reported:
    text = decoded(data, message.data_coding, charset)
    told = parameters.get(RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0].decode("latin-1").strip()
    typed = ID.search(text)
    ids = tuple(dict.fromkeys(one for one in (told, typed[1] if typed else "") if 0 < len(one) <= ID_CHARS))
    said = STATE.search(text)
    number = parameters.get(MESSAGE_STATE, b"\0")[-1:]
    state = said[1].upper() if said else STATES.get(int.from_bytes(number, "big"), "")
    if not ids or not state:
        raise ValueError("a report without id or state")
    ends = (message.source_addr, message.destination_addr)
    numbers = [one for end in ends if (one := e164(end)) and not (own and end.startswith(own))]
    numbers.sort(key=lambda one: not MOBILE.fullmatch(one))
    status: Status = "accepted" if state in ON_THE_WAY else "delivered" if state in ARRIVED else "failed"
    return Reported(ids, tuple(numbers), status, _words(state, text, parameters))


def _words(state: str, text: str, parameters: Mapping[int, bytes]) -> str:
    error = ERROR.search(text)
    words = [f"stat:{state}"]
    if error and error[1].strip("0"):
        words.append(f"err:{error[1]}")
    network = parameters.get(NETWORK_ERROR_CODE, b"")
    if len(network) == 3 and any(network[1:]):
        words.append(f"network:{network[0]}:{int.from_bytes(network[1:], 'big')}")
    return " ".join(words)


def _piece(message: DeliverSm, data: bytes, parameters: Mapping[int, bytes]) -> Piece:
    number = e164(message.source_addr)
    if number is None:
        raise ValueError("written by no number")
    place = (0, 1, 1)
    if message.esm_class & MARKED and data:
        header, data = data[1 : 1 + data[0]], data[1 + data[0] :]
        place = _numbered(header) or place
    elif {SAR_REFERENCE, SAR_TOTAL, SAR_INDEX} <= parameters.keys():
        tags = (SAR_REFERENCE, SAR_TOTAL, SAR_INDEX)
        reference, total, index = (int.from_bytes(parameters[tag], "big") for tag in tags)
        place = reference, total, index
    if not 1 <= place[2] <= place[1]:
        place = (0, 1, 1)
    return Piece(number, data, message.data_coding, *place)


def _numbered(header: bytes) -> tuple[int, int, int] | None:
    """Return reference, total and index out of a user data header; None where it does not number parts."""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if CONCATENATED.get(element) == length == len(value):
            return int.from_bytes(value[:-2], "big"), value[-2], value[-1]
        at += 2 + length
    return None


def e164(address: str) -> str | None:
    """Return a number as E.164, one of the mainland also without its country code; None where it is no such number."""
    digits = address.strip().removeprefix("+").removeprefix("00")
    if not address.strip().startswith("+") and MAINLAND.fullmatch(digits):
        digits = f"86{digits}"
    number = f"+{digits}"
    return number if E164.fullmatch(number) else None


def sure_number(numbers: Sequence[str]) -> str | None:
    """Return which of `Reported.numbers` a report is about; None where two of them may be it."""
    mobiles = [one for one in numbers if MOBILE.fullmatch(one)]
    alone = mobiles or list(numbers)
    return alone[0] if len(alone) == 1 else None
