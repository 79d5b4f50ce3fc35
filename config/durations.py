"""Durations as tables write them: ``30s``, ``5m``, ``4h``, ``2d``."""

import re
from datetime import timedelta
from typing import Any

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FORM = re.compile(r"([1-9]\d{0,6})([smhd])", re.ASCII)
LONGEST = timedelta(days=30)


def duration(text: Any) -> timedelta | None:
    """Return what ``text`` says; None where it is no duration, or one of more than 30 days."""
    found = FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    long = timedelta(**{UNITS[found[2]]: int(found[1])})
    return long if long <= LONGEST else None
