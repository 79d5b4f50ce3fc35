"""May this message go to this recipient now? Pure: it sees a standing and a moment, nothing else.

Reasons are few and fixed, because they become the rows of the funnel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from config.channels import NOISY
from config.clock import SHANGHAI
from subscribers.addresses import SPACE
from subscribers.digest import next_boundary
from subscribers.model import ACTIVE, LEFT, QuietHours
from subscribers.standing import Standing

SUPPRESSED: Literal["suppressed"] = "suppressed"
DIGEST = "digest"  # why a row is held until the next digest, and while that is on its way
SMS = "sms"
NIGHT = QuietHours.model_validate({"from": time(21), "to": time(8)})  # nobody is woken by a policy


@dataclass(frozen=True, slots=True)
class Go:
    """Send it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: ask again at ``until`` (UTC). ``reason`` is ``digest``, ``quiet_hours`` or ``sms_hours``."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Never: ``state`` is the final state of the delivery.

    ``reason`` is one of ``gone``, ``left``, ``not_active``, ``opted_out``, ``no_consent``, ``contact_suppressed``,
    ``profile_matching_off``, ``subscription_ended``.
    """

    state: Literal["suppressed"]
    reason: str


Verdict = Go | Hold | Stop
GO = Go()


def judge(
    standing: Standing | None,
    *,
    channel: str,
    reasons_subscriptions: Sequence[str | None],
    now: datetime,
    owed: bool = False,
    at_once: bool = False,
) -> Verdict:
    """Decide about one delivery at send time.

    Args:
        standing: The recipient now; None when its subscriber or contact is gone.
        channel: Where it would go.
        reasons_subscriptions: The subscriptions that matched, None standing for the subscriber's own profile. One that
            still holds is enough; a delivery without any has nobody left who wants it.
        now: The moment, aware.
        owed: It is due to this recipient whatever it subscribes to: the policy names it, or it got an earlier revision.
        at_once: It waits for no digest: it would come too late there, or it is what the digest gathered.

    Returns:
        ``Go``, ``Hold`` or ``Stop``. A daily or weekly recipient waits for its digest, everyone for the end of its
        quiet hours, a text message for the day. A channel that makes no noise (the space) never waits.
    """
    if standing is None:
        return Stop(SUPPRESSED, "gone")
    why = _shut(standing) or (None if owed else _unwanted(standing, channel, reasons_subscriptions))
    if why is not None:
        return Stop(SUPPRESSED, why)
    if channel not in NOISY:
        return GO
    frequency = standing.preferences.frequency
    if frequency != "instant" and not at_once:
        return Hold(next_boundary(frequency, now), DIGEST)
    return _noise(standing.preferences.quiet_hours, channel, now)


def _noise(quiet: QuietHours | None, channel: str, now: datetime) -> Verdict:
    """Return the later of the holds for the hours in which this channel must not be heard."""
    holds = []
    if quiet is not None and (until := quiet_until(quiet, now)) is not None:
        holds.append(Hold(until, "quiet_hours"))
    if channel == SMS and (until := quiet_until(NIGHT, now)) is not None:
        holds.append(Hold(until, "sms_hours"))
    return max(holds, key=lambda hold: hold.until, default=GO)


def _shut(standing: Standing) -> str | None:
    if standing.status != ACTIVE:
        return "left" if standing.status == LEFT else "not_active"
    if standing.opted_out:
        return "opted_out"
    if not standing.consented:
        return "no_consent"
    return "contact_suppressed" if standing.suppressed is not None else None


def _unwanted(standing: Standing, channel: str, reasons: Sequence[str | None]) -> str | None:
    if any(reason in standing.subscriptions for reason in reasons if reason is not None):
        return None
    if None not in reasons:
        return "subscription_ended"
    chosen = standing.preferences.profile_channels
    if standing.profile_matching and (channel in chosen or (channel == SPACE and chosen)):
        return None
    return "profile_matching_off"


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """Return when the quiet hours that ``now`` lies in end, in UTC; None outside of them."""
    local = now.astimezone(SHANGHAI)
    clock = local.time()
    if quiet.start < quiet.end:
        inside, tomorrow = quiet.start <= clock < quiet.end, False
    else:
        inside, tomorrow = clock >= quiet.start or clock < quiet.end, clock >= quiet.start
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if tomorrow else 0)
    return datetime.combine(day, quiet.end, SHANGHAI).astimezone(UTC)
