"""A text that a far side refuses stops its campaign, and the operator is told; nobody is suppressed for it.

A digest stops none.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import policy_revisions
from config.logging import get_logger
from streams.alerts import policy_named, raise_alert
from streams.campaigns.record import Campaign, find_campaign, halt
from streams.policies import revision_at

log = get_logger(__name__)


async def halt_refused(
    conn: AsyncConnection, campaign_id: str, channel: str, reason: str, now: datetime
) -> bool:
    """Stop a campaign whose text was refused, and raise the alert; returns whether it was running.

    Args:
        conn: in the transaction that writes what came of the message.
        campaign_id: of the campaign.
        channel: by which it was refused.
        reason: the far side's, as the record takes it.
        now: the moment.
    """
    if not await halt(conn, campaign_id, reason):
        return False
    campaign = await find_campaign(conn, campaign_id)
    about: dict[str, Any] = {"channel": channel, "reason": reason}
    which = ""
    if campaign is not None:
        about |= {
            "agency_id": campaign.agency_id,
            "policy_id": campaign.policy_id,
            "revision": campaign.revision,
            "occurrence": campaign.occurrence,
            "title": await _title(conn, campaign),
        }
        which = f"{policy_named(about)}: "
    detail = f"{which}the text is refused by {channel}: {reason}"
    await raise_alert(conn, "halted", campaign_id, detail, now, about)
    log.error("campaign.halted", campaign=campaign_id, channel=channel, reason=reason)
    return True


async def _title(conn: AsyncConnection, campaign: Campaign) -> str | None:
    which = revision_at(campaign.agency_id, campaign.policy_id, campaign.revision)
    title: str | None = await conn.scalar(select(policy_revisions.c.title).where(which))
    return title


async def tell_digest_refused(conn: AsyncConnection, channel: str, reason: str, now: datetime) -> None:
    """Raise the alert about a digest whose text was refused: which policy is meant nobody can tell, none is stopped.

    Args:
        conn: in the transaction that writes what came of the digest.
        channel: by which it was refused.
        reason: the far side's, as the record takes it.
        now: the moment.
    """
    about = {"channel": channel, "reason": reason}
    await raise_alert(conn, "digest", channel, f"a digest is refused by {channel}: {reason}", now, about)
    log.error("digest.refused", channel=channel, reason=reason)
