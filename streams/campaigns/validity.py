"""Whether a campaign still has something to say at the moment of sending, pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from config.clock import SHANGHAI
from streams.campaigns.occurrences import EFFECTIVE, EXPIRY, FAQ, INTERPRETATION, REPEAL, kind_of
from streams.campaigns.record import Campaign
from streams.policies import PolicyView

VALIDITY, WINDOW = "valid_until", "apply_window"

# What ends an occasion; the policy itself, its reminders and its relays say "apply now", so the window ends them, too.
ENDED_BY: Mapping[str, tuple[str, ...]] = {
    EFFECTIVE: (VALIDITY,),
    INTERPRETATION: (VALIDITY,),
    FAQ: (VALIDITY,),
    EXPIRY: (),
}
BY_DEFAULT = (VALIDITY, WINDOW)


def ended(campaign: Campaign, view: PolicyView, now: datetime) -> tuple[str, str] | None:
    """Return the final state and reason for what has not been sent yet, or None while it may go.

    Of a repealed policy and an older revision everything is ``superseded``; past its validity or its application window
    it is ``expired``, as far as the occasion depends on them (`ENDED_BY`). A notice of repeal always goes.
    """
    kind = kind_of(campaign.occurrence)
    if kind == REPEAL:
        return None
    if view.state != "released":
        return "superseded", view.state
    reason = past(view.data, now, ENDED_BY.get(kind, BY_DEFAULT))
    return None if reason is None else ("expired", reason)


def past(data: Mapping[str, Any], moment: datetime, reasons: Sequence[str] = BY_DEFAULT) -> str | None:
    """Return which of a policy's ends lies before ``moment``, None where it has not ended; the last day counts whole.

    Args:
        data: the policy's.
        moment: aware.
        reasons: of ``valid_until`` and ``apply_window``, those that matter.
    """
    day = moment.astimezone(SHANGHAI).date()
    ends = {
        VALIDITY: data.get("valid_until"),
        WINDOW: (data.get("apply_window") or {}).get("closes"),
    }
    for reason in reasons:
        last = ends[reason]
        if last and day > date.fromisoformat(last):
            return reason
    return None
