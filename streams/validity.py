"""Whether a policy still has something to say at the moment of sending, pure."""

from datetime import date, datetime

from config.clock import SHANGHAI
from streams.campaigns import Campaign
from streams.occurrences import REPEAL, kind_of
from streams.policies import PolicyView


def ended(campaign: Campaign, view: PolicyView, now: datetime) -> tuple[str, str] | None:
    """Return the final state and reason for what has not been sent yet, or None while it may go.

    A repealed policy and an older revision are ``superseded``; past its validity or its application window it is
    ``expired``. A notice of repeal always goes.
    """
    kind = kind_of(campaign.occurrence)
    if kind == REPEAL:
        return None
    if view.state != "released":
        return "superseded", view.state
    today = now.astimezone(SHANGHAI).date()
    if (until := view.data.get("valid_until")) and today > date.fromisoformat(until):
        return "expired", "valid_until"
    closes = (view.data.get("apply_window") or {}).get("closes")
    if closes and today > date.fromisoformat(closes):
        return "expired", "apply_window"
    return None
