"""The urgent lane: what must not wait behind a broad campaign goes by topics and agents of its own.

Withdrawals, the last reminder, and whatever will have lost its sense before a day has passed. An amendment is not
urgent for being one: it goes to as many as the policy did, and would be the broad campaign that others wait for.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from config.database.schema import campaigns
from streams.campaigns.occurrences import DIGEST, REMINDER, REPEAL, kind_of
from streams.campaigns.validity import BY_DEFAULT, ENDED_BY, past
from streams.desk import Desk

TIME_TO_ACT = timedelta(days=1)
LAST_WORKING_DAY = 1
c = campaigns.c


def is_urgent(occurrence: str, data: Mapping[str, Any], now: datetime) -> bool:
    """Whether a campaign goes by the urgent lane, pure.

    Args:
        occurrence: the campaign's.
        data: the policy's.
        now: the moment; what is broad today may be urgent on its last day.
    """
    kind = kind_of(occurrence)
    if kind == REPEAL:
        return True
    if kind == REMINDER and int(occurrence.split(":")[1]) <= LAST_WORKING_DAY:
        return True
    ends = ENDED_BY.get(kind, BY_DEFAULT)
    return past(data, now, ends) is None and past(data, now + TIME_TO_ACT, ends) is not None


async def urgent_ones(desk: Desk, campaign_ids: Collection[str], now: datetime) -> set[str]:
    """Return which of these campaigns are urgent; a digest's, which is of no policy, never is."""
    if not campaign_ids:
        return set()
    async with desk.record.read() as conn:
        query = select(c.campaign_id, c.occurrence).where(c.campaign_id.in_(sorted(campaign_ids)))
        of_policies = [
            row.campaign_id for row in await conn.execute(query) if kind_of(row.occurrence) != DIGEST
        ]
        found = await desk.occasions.now(conn, of_policies, desk.base_url) if of_policies else {}
    return {one for one, about in found.items() if is_urgent(about.campaign.occurrence, about.view.data, now)}
