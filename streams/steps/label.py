"""label: a policy's text becomes audience labels with their evidence; then it waits for its release."""

import asyncio

from config.clock import SHANGHAI
from config.logging import get_logger
from streams import policies
from streams.access import region_of
from streams.desk import Desk
from streams.policies import PolicyView, revisions
from streams.policies.reading import read

log = get_logger(__name__)


async def label(desk: Desk, told: dict[str, object]) -> None:
    """Take one message of ``policies.accepted``."""
    await ensure_labelled(desk, str(told["agency_id"]), str(told["policy_id"]), int(str(told["revision"])))


async def ensure_labelled(desk: Desk, agency_id: str, policy_id: str, revision: int) -> PolicyView | None:
    """Label a revision unless it has been; return it with its labels, None where it is not there."""
    async with desk.record.read() as conn:
        view = await policies.find_policy(conn, agency_id, policy_id, revision)
        region = await region_of(conn, agency_id)
    if view is None or view.labelled_at is not None or view.state != "received":
        return view
    now = desk.clock.now()
    reading = await asyncio.to_thread(  # a long text takes some tenths of a second
        read,
        desk.labeller,
        view.data,
        view.body,
        region=region,
        today=now.astimezone(SHANGHAI).date(),
        calendar=desk.calendar,
    )
    async with desk.record.write() as conn:
        await revisions.write_reading(conn, agency_id, policy_id, revision, reading, now)
        view = await policies.find_policy(conn, agency_id, policy_id, revision)
    log.info(
        "policy.labelled",
        policy=f"{agency_id}/{policy_id}",
        revision=revision,
        title=view.title if view else "",
        labels=[str(one) for one in reading.labels],
    )
    return view
