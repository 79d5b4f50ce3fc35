"""dispatch: a released policy becomes a campaign and a task for every shard."""

from config.logging import get_logger
from streams.campaigns import REPEAL, open_campaign
from streams.desk import Desk
from streams.matching.shards import Highwater
from streams.steps.label import ensure_labelled

log = get_logger(__name__)


async def dispatch(desk: Desk, told: dict[str, object], highwater: Highwater) -> None:
    """Take one message of ``policies.released``."""
    agency, policy, revision = str(told["agency_id"]), str(told["policy_id"]), int(str(told["revision"]))
    occurrence = str(told["occurrence"])
    view = await ensure_labelled(desk, agency, policy, revision)
    if view is None or (view.state != "released" and occurrence != REPEAL):
        log.info("campaign.skipped", policy=f"{agency}/{policy}", revision=revision, state=view.state if view else None)
        return
    async with desk.record.write() as conn:
        campaign = await open_campaign(
            conn,
            agency,
            policy,
            revision,
            occurrence,
            labels=[str(label) for label in view.labels],
            shards=desk.shards,
            now=desk.clock.now(),
        )
    log.info(
        "campaign.opened",
        campaign=campaign.campaign_id,
        policy=f"{agency}/{policy}", revision=revision,
        occurrence=occurrence,
        title=view.title,
    )
    for shard in range(desk.shards):
        await desk.log.ask_shard(campaign.campaign_id, shard, await highwater(shard))
