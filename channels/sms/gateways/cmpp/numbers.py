"""Numbers as CMPP writes them, and as the house does (E.164); pure."""

import re

MAINLAND = re.compile(r"(?:\+|00)?(?:86)?(1\d{10}(?:\d{2})?)")  # 13 digits: those of machines
COUNTRY = "+86"


def terminal_id(number: str) -> str | None:
    """Return an E.164 number as a terminal id; None where it is not of the mainland, which CMPP does not reach."""
    return number.removeprefix(COUNTRY) if number.startswith(COUNTRY) else None


def e164(terminal: str) -> str | None:
    """Return a terminal id, with 86 or without, as E.164; None for service numbers and what is no number."""
    found = MAINLAND.fullmatch(terminal.strip())
    return f"{COUNTRY}{found[1]}" if found else None
