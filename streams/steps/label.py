"""label: a policy's text becomes audience labels with their evidence; then it waits for its release."""

from config.logging import get_logger
from streams import policies, revisions
from streams.access import region_of
from streams.desk import Desk
from streams.policies import PolicyView

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
    given = [*view.data.get("labels", []), *_own(view.data)]
    labels = desk.labeller.label(
        title=view.title, body=view.body, issuer=view.issuer, region_hint=region, given=given
    )
    async with desk.record.write() as conn:
        await revisions.write_labels(conn, agency_id, policy_id, revision, labels, desk.clock.now())
        view = await policies.find_policy(conn, agency_id, policy_id, revision)
    log.info(
        "policy.labelled",
        policy=f"{agency_id}/{policy_id}",
        revision=revision,
        title=view.title if view else "",
        labels=[str(one) for one in labels],
    )
    return view


def _own(data: dict[str, object]) -> list[str]:
    return [f"{name}:{data[name]}" for name in ("theme", "kind") if data.get(name)]
