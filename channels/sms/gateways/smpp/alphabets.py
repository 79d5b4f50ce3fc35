"""What people write, as text: the alphabets that a carrier may hand over; pure.

Sources: SMPP 3.4, 5.2.19 (data_coding); 3GPP TS 23.038 (the default alphabet, unpacked here as SMPP carries it).
"""

from channels.sms.gateways.smpp.place import Charset

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
PLAIN = dict(enumerate(GSM7))
ESCAPED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
DEFAULT = 0
CODINGS = {1: "ascii", 3: "latin-1", 8: "utf-16-be", 0x18: "utf-16-be", 0x19: "utf-16-be", 15: "gb18030"}


def decoded(data: bytes, coding: int, default: Charset = "gsm7") -> str:
    """Return a message's text; what cannot be read becomes �.

    Args:
        data: without a header.
        coding: ``data_coding``; 15 is what mainland carriers call GB, 0 and what is unknown the carrier's default.
        default: what that is. ``gsm7`` is read so only where every byte fits into seven bits, else as
            UTF-8 or GB 18030.
    """
    if coding in CODINGS:
        return data.decode(CODINGS[coding], "replace")
    if default != "gsm7":
        return data.decode(default, "replace")
    if max(data, default=0) < 0x80:
        return _gsm7(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _gsm7(data: bytes) -> str:
    if ESCAPE not in data:
        return data.decode("ascii").translate(PLAIN)
    text: list[str] = []
    escaped = False
    for byte in data:
        if escaped:
            text.append(ESCAPED.get(byte, GSM7[byte]))
            escaped = False
        elif byte == ESCAPE:
            escaped = True
        else:
            text.append(GSM7[byte])
    return "".join(text)
