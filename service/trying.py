"""Trying out a subscription: what it would have brought in the last 90 days, for the API and for the pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from config.taxonomies import Taxonomy
from service.api.throttle import Allowance, insist
from service.house import House
from streams.latecomers.recent import DAYS, Recent
from streams.latecomers.would_have import Had, wanted, would_have
from subscribers.criteria import Criteria
from subscribers.model import Profile

SHOWN = 10
TRIES = Allowance("try", 120, timedelta(hours=1))
KEYWORD = "关键词"
AS_REGISTERED = "与单位信息相符"
FOR_ALL = "没有限定范围"


@dataclass(frozen=True)
class Example:
    """A policy that would have come, with why, in Chinese."""

    agency_id: str
    policy_id: str
    revision: int
    title: str
    issuer: str
    at: datetime
    labels: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Tried:
    """What would have come.

    Attributes:
        days: how far back.
        looked_at: how many policies there were.
        complete: False where there were more than are kept to be asked.
        matched: how many would have come.
        policies: the newest ten of them.
    """

    days: int
    looked_at: int
    complete: bool
    matched: int
    policies: tuple[Example, ...]


async def tried(
    request: Request,
    house: House,
    criteria: Criteria | None,
    kind: str = "enterprise",
    profile: Profile | None = None,
) -> Tried:
    """Return what criteria, a profile or both would have brought.

    Raises:
        Problem: 429, too many from this client.
    """
    await insist(request, TRIES, house.real_clock.now())
    recent: Recent = request.app.state.recent
    ancestors = house.taxonomy.ancestors
    lately = await recent.since(house.record, house.clock, ancestors)
    wants = wanted(criteria, kind, profile, ancestors)
    # Not on the loop: thousands of texts may be looked through.
    count, first = await asyncio.to_thread(would_have, lately.policies, wants, SHOWN)
    return Tried(DAYS, len(lately.policies), lately.complete, count, _examples(first, house.taxonomy))


def _examples(had: Sequence[Had], taxonomy: Taxonomy) -> tuple[Example, ...]:
    return tuple(
        Example(
            one.policy.agency_id,
            one.policy.policy_id,
            one.policy.revision,
            one.policy.title,
            one.policy.issuer,
            one.policy.at,
            one.labels,
            in_words(one, taxonomy),
        )
        for one in had
    )


def in_words(had: Had, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return why a policy would have come: 行业：软件和信息技术服务业."""
    words = tuple(_word(label, taxonomy) for label in had.labels)
    return words or (AS_REGISTERED if had.by_profile else FOR_ALL,)


def _word(label: str, taxonomy: Taxonomy) -> str:
    dimension, _, code = label.partition(":")
    if dimension == "keyword":
        return f"{KEYWORD}：{code}"
    return f"{taxonomy.titles.get(dimension, dimension)}：{taxonomy.name(dimension, code) or code}"
