"""What a preview asks of the shards: a policy that is not published yet, or a revision as it stands, corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.calendar import WorkingDays
from config.clock import SHANGHAI
from streams.campaigns.validity import past
from streams.events.policy_data import PolicyData
from streams.fanout.actionable import actionable
from streams.fanout.lanes import TIME_TO_ACT
from streams.labelling import Label, Labeller
from streams.matching.conditions import Requirements
from streams.policies import PolicyView
from streams.policies.reading import read
from streams.policies.requirements import asked, plain, requirements_of
from subscribers.digest import Gathered, next_boundary

GATHERED: tuple[Gathered, ...] = ("daily", "weekly")


@dataclass(frozen=True)
class Asked:
    """A policy whose audience is asked for.

    Attributes:
        title: its own.
        body: its text.
        data: as `PolicyView.data`, the blanks filled.
        labels: that it would be released with.
        requirements: in numbers.
        before: agency, policy and its last revision that may have been pushed, None for a first one: who got that is
            told of this one, too.
    """

    title: str
    body: str
    data: Mapping[str, Any]
    labels: tuple[Label, ...]
    requirements: Requirements
    before: tuple[str, str, int] | None = None

    @property
    def codes(self) -> list[str]:
        """Its labels as ``dimension:code``."""
        return [str(label) for label in self.labels]


def of_draft(
    draft: PolicyData,
    labeller: Labeller,
    *,
    region: str | None,
    today: date,
    calendar: WorkingDays,
    before: tuple[str, str, int] | None = None,
) -> Asked:
    """Return what is asked of a policy that nobody has published; it is read as it would be then.

    Args:
        draft: the policy.
        labeller: reads its labels.
        region: of the agency, as at the labelling.
        today: in Asia/Shanghai.
        calendar: of working days.
        before: see `Asked`.
    """
    data = draft.model_dump(mode="json", exclude={"body"}, exclude_none=True)
    reading = read(labeller, data, draft.body, region=region, today=today, calendar=calendar)
    asks = asked(reading.facts, reading.data, draft.body)
    return Asked(draft.title, draft.body, reading.data, tuple(reading.labels), asks, before)


def of_view(view: PolicyView) -> Asked:
    """Return what is asked of a revision, with what its reviewer has corrected."""
    before = (view.agency_id, view.policy_id, view.revision - 1) if view.revision > 1 else None
    return Asked(view.title, view.body, view.data, view.labels, requirements_of(view), before)


def question(policy: Asked, now: datetime) -> dict[str, Any]:
    """Return it as JSON for the shards (`steps.count`).

    ``over`` says why nothing would go to anybody: ``not_open``, or the end that lies behind (`validity.past`).
    ``waits`` are the frequencies whose subscribers would get it with their digest: what will have ended before one can
    act on it goes at once (`sendable.urgent`).
    """
    today = now.astimezone(SHANGHAI).date()
    return {
        "labels": policy.codes,
        "can_act": actionable(policy.codes, policy.data, today),
        "text": f"{policy.title}\n{policy.body}",
        "scope": policy.data.get("audience_scope"),
        "before": policy.before,
        "over": _over(policy.data, now),
        "requirements": plain(policy.requirements),
        "waits": [how for how in GATHERED if not past(policy.data, next_boundary(how, now) + TIME_TO_ACT)],
    }


def _over(data: Mapping[str, Any], now: datetime) -> str | None:
    return "not_open" if data["disclosure"] != "open" else past(data, now)
