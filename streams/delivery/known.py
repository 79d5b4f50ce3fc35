"""What is true at this moment of rows that are about to go: of their campaigns, their recipients, their wishes."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.campaigns.occasions import Occasion
from streams.campaigns.occurrences import REPEAL, kind_of
from streams.delivery.sendable import Known, recipient
from streams.desk import Desk
from streams.digests.carried import Digest, Row, is_digest
from streams.fanout.audience import named
from streams.fanout.former import still_former
from streams.fanout.rows import FORMER, WITHOUT_SUBSCRIPTION
from streams.relay.relay import not_members
from subscribers.standing import standings
from subscribers.subscriptions import names_of


async def known_of(
    desk: Desk, conn: AsyncConnection, rows: Sequence[Row], digests: Mapping[str, Digest] | None = None
) -> Known:
    """Return what is true now of rows, and of what the digests among them carry.

    Args:
        desk: what the service runs on.
        conn: anything that reads.
        rows: claimed, or about to go again.
        digests: what the digests among them carry, by ``delivery_id``; none by default.
    """
    carried = digests or {}
    told = [row for row in rows if not is_digest(row)]
    told += [item for digest in carried.values() for item in digest.items]
    occasions = await desk.occasions.now(conn, (row["campaign_id"] for row in told), desk.base_url)
    occurrences = {key: occasion.campaign.occurrence for key, occasion in occasions.items()}
    wishes = {why["subscription"] for row in told for why in row["reasons"]} - {None, *WITHOUT_SUBSCRIPTION}
    return Known(
        occasions,
        await standings(conn, desk.vault, sorted({recipient(row) for row in rows})),
        await names_of(conn, wishes),
        carried,
        await not_members(conn, told, occurrences),
        await _not_named(conn, told, occasions),
        await _newcomers(conn, told, occasions),
    )


async def _not_named(
    conn: AsyncConnection, rows: Sequence[Row], occasions: Mapping[str, Occasion]
) -> frozenset[str]:
    """Return which rows of targeted policies are for somebody who is not named (any more).

    A repeal is not asked: it tells each of a revision that he has, named or not (`streams.fanout.repealed`).
    """
    lost: set[str] = set()
    for campaign_id, occasion in occasions.items():
        if not occasion.view.targeted or kind_of(occasion.campaign.occurrence) == REPEAL:
            continue
        of = {row["delivery_id"]: row["subscriber_id"] for row in rows if row["campaign_id"] == campaign_id}
        still = await named(conn, occasion.view.data["audience_scope"], None, sorted(set(of.values())))
        lost |= {delivery for delivery, subscriber in of.items() if subscriber not in still}
    return frozenset(lost)


async def _newcomers(
    conn: AsyncConnection, rows: Sequence[Row], occasions: Mapping[str, Occasion]
) -> frozenset[str]:
    """Return which rows are told what became of a policy that they never had."""
    found: set[str] = set()
    for campaign_id, occasion in occasions.items():
        of = {
            row["delivery_id"]: row["subscriber_id"]
            for row in rows
            if row["campaign_id"] == campaign_id
            and any(why["subscription"] == FORMER for why in row["reasons"])
        }
        have = await still_former(conn, occasion.campaign, sorted(set(of.values()))) if of else set()
        found |= {delivery for delivery, subscriber in of.items() if subscriber not in have}
    return frozenset(found)
