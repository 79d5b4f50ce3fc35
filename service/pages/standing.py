"""Where a policy stands on a day: not yet in force, its application window closed, its validity over. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

EXPIRED = "已过有效期"
CLOSED = "申报期已结束"
IN_FORCE = "现行有效"
NOT_YET = "尚未施行"


def over(data: Mapping[str, Any], today: date) -> str:
    """Return `EXPIRED` or `CLOSED`, "" while one may still apply; the last day counts whole.

    Args:
        data: the policy's, with days as ``YYYY-MM-DD``.
        today: the day in China.
    """
    if (data.get("valid_until") or "9999") < today.isoformat():
        return EXPIRED
    closes = (data.get("apply_window") or {}).get("closes")
    return CLOSED if closes and closes < today.isoformat() else ""


def validity(data: Mapping[str, Any], today: date) -> str:
    """Return `IN_FORCE` or `NOT_YET`, "" past its validity; what names no day took effect when it was published."""
    if over(data, today) == EXPIRED:
        return ""
    return IN_FORCE if (data.get("effective_date") or "") <= today.isoformat() else NOT_YET


def standing(data: Mapping[str, Any], today: date) -> dict[str, str]:
    """Return `over` and `validity` by these names, as the page of a policy takes them."""
    return {"over": over(data, today), "validity": validity(data, today)}
