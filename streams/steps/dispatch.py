"""dispatch: a released policy becomes a campaign, a task for every shard, and a plan of what follows."""

import asyncio

from config.logging import get_logger
from streams.campaigns.occurrences import FOLLOW_UPS, INTERPRETATION, POLICY, REPEAL, kind_of
from streams.campaigns.record import open_campaign
from streams.desk import Desk
from streams.fanout.repealed import revisions_told
from streams.followups.overtaken import revision_instead
from streams.followups.plans import reconcile
from streams.matching.shards import Highwater
from streams.policies import PolicyView, released_before
from streams.steps.label import ensure_labelled

log = get_logger(__name__)

CHANGE_THE_PLAN = (POLICY, REPEAL, INTERPRETATION)  # what stands has changed, and what is due follows it


async def dispatch(desk: Desk, told: dict[str, object], highwater: Highwater) -> None:
    """Take one message of ``policies.released``."""
    agency, policy, revision = str(told["agency_id"]), str(told["policy_id"]), int(str(told["revision"]))
    occurrence = str(told["occurrence"])
    views = await _pushed(desk, agency, policy, revision, occurrence)
    if not views:
        log.info("campaign.skipped", policy=f"{agency}/{policy}", revision=revision, occurrence=occurrence)
        return
    async with desk.record.write() as conn:
        opened = [
            await open_campaign(
                conn,
                agency,
                policy,
                view.revision,
                occurrence,
                labels=[str(label) for label in view.labels],
                shards=desk.shards,
                now=desk.clock.now(),
            )
            for view in views
        ]
        if kind_of(occurrence) in CHANGE_THE_PLAN:
            await reconcile(
                conn, agency, policy, calendar=desk.calendar, rules=desk.follow_ups, now=desk.clock.now()
            )
    for campaign, view in zip(opened, views, strict=True):
        log.info(
            "campaign.opened",
            campaign=campaign.campaign_id,
            policy=f"{agency}/{policy}",
            revision=view.revision,
            occurrence=occurrence,
            title=view.title,
        )

    async def ask(campaign_id: str, shard: int) -> None:
        await desk.log.ask_shard(campaign_id, shard, await highwater(shard))

    await asyncio.gather(*(ask(one.campaign_id, shard) for one in opened for shard in range(desk.shards)))


async def _pushed(desk: Desk, agency: str, policy: str, revision: int, occurrence: str) -> list[PolicyView]:
    """Return the revision that the campaign tells of, none where there is nothing to tell.

    A notice of repeal tells of the newest revision that had been released: no text leaves that no reviewer has seen.
    Those who may not read of that one are told of the one before it by a campaign of their own.
    A follow-up whose revision was superseded since it was handed over tells of the one that stands, if it still can.
    """
    if occurrence == REPEAL:
        async with desk.record.read() as conn:
            told = await revisions_told(conn, agency, policy)
            found = [await released_before(conn, agency, policy, one + 1) for one in told]
        return [view for view in found if view is not None]
    view = await ensure_labelled(desk, agency, policy, revision)
    if view is not None and view.state != "released" and kind_of(occurrence) in FOLLOW_UPS:
        async with desk.record.write() as conn:
            instead = await revision_instead(
                conn,
                agency,
                policy,
                occurrence,
                calendar=desk.calendar,
                rules=desk.follow_ups,
                now=desk.clock.now(),
            )
        view = None if instead is None else await ensure_labelled(desk, agency, policy, instead)
    return [view] if view and view.state == "released" else []
