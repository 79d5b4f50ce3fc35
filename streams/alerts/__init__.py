"""What an operator has to know of: kept once for each cause, mailed, and the checks that find it."""

from streams.alerts.record import (
    last_found,
    list_alerts,
    open_subjects,
    policy_named,
    raise_alert,
    resolve,
    settle_kind,
    show_open,
)

__all__ = [
    "last_found",
    "list_alerts",
    "open_subjects",
    "policy_named",
    "raise_alert",
    "resolve",
    "settle_kind",
    "show_open",
]
