"""Rule 2, pure: a text message goes only for a policy that one can act on (办事类), or tells how one of those ended."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from streams.campaigns.occurrences import EXPIRY, REPEAL

APPLY = "action:apply"
SMS = "sms"
ENDINGS = frozenset({REPEAL, EXPIRY})  # they go to those only who got the policy by the same way


def actionable(labels: Collection[str], data: Mapping[str, Any], today: date) -> bool:
    """Whether one can act on a policy: it says so, or names where, until when or in which matter.

    Once its application window has closed one cannot, whatever else it says.

    Args:
        labels: ``dimension:code``.
        data: the policy's, its blanks filled: ``apply_window``, ``apply_url``, ``matter_codes``.
        today: in Asia/Shanghai.
    """
    window = data.get("apply_window") or {}
    closes = window.get("closes")
    if closes and date.fromisoformat(str(closes)) < today:
        return False
    return bool(APPLY in labels or window or data.get("apply_url") or data.get("matter_codes"))


def may_go(channel: str, kind: str, former: bool, *, can_act: bool) -> bool:
    """Whether a campaign may use ``channel`` for somebody.

    Args:
        channel: where it would go.
        kind: of the campaign's occurrence.
        former: whether an earlier revision went to the same contact; then it hears what became of that.
        can_act: what `actionable` says of the policy.
    """
    return channel != SMS or can_act or former or kind in ENDINGS
