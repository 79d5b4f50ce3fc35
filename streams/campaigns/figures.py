"""The figures of a policy's push that an office reports: every ledger row is in exactly one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, and_, case, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaign_shards, campaigns, deliveries
from streams import policies
from streams.campaigns.occurrences import POLICY

d = deliveries.c
OPEN = ("planned", "claimed", "held")
UNREPORTED = ("sent", "unknown")  # they went, or may have, and nobody has said what became of them
NOT_DELIVERED = ("failed", "suppressed", "expired", "superseded")
WENT = (*UNREPORTED, "delivered", "failed")
CAME_TO = ("sent", "delivered", "read", "acknowledged")


@dataclass(frozen=True)
class Funnel:
    """How far a policy revision came; the fields are those of docs/faces.md.

    Every row is in one of them: ``planned`` = the sum of ``waiting`` + ``unreported`` + ``delivered`` + the sums of
    ``failed``, ``suppressed``, ``expired`` and ``superseded``. The others overlap: a row that bounced was ``sent``.
    """

    agency_id: str
    policy_id: str
    revision: int
    title: str
    state: str
    campaigns: list[dict[str, Any]]
    shards: int
    shards_marked: int
    complete: bool
    matched: int
    planned: int
    held: int
    held_for: dict[str, int]
    sent: int
    unreported: int
    delivered: int
    read: int
    acknowledged: int
    failed: dict[str, int]
    suppressed: dict[str, int]
    expired: dict[str, int]
    superseded: dict[str, int]
    waiting: dict[str, int]
    reached: int
    aware: int
    reach_rate: float | None
    awareness_rate: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


async def funnel(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int | None = None
) -> Funnel | None:
    """Return the funnel of a revision (default: the newest), None where there is no such policy."""
    view = await policies.find_policy(conn, agency_id, policy_id, revision)
    if view is None:
        return None
    c, s = campaigns.c, campaign_shards.c
    of_it = and_(c.agency_id == agency_id, c.policy_id == policy_id, c.revision == view.revision)
    listed = [
        dict(row._mapping)
        for row in await conn.execute(
            select(c.campaign_id, c.occurrence, c.state).where(of_it).order_by(c.created_at)
        )
    ]
    # The figures are those of the policy's own push; reminders and notices are campaigns of their own.
    ids = [row["campaign_id"] for row in listed if row["occurrence"] == POLICY]
    marks = (
        await conn.execute(
            select(func.count(), func.count(s.done_at), func.coalesce(func.sum(s.matched), 0)).where(
                s.campaign_id.in_(ids)
            )
        )
    ).one()
    # First the rows, then whom they reached: where nothing waits any more, those who are counted after it are all.
    rows = await _rows(conn, ids)
    reached, aware = await _people(conn, ids)
    matched, waiting = int(marks[2]), rows["waiting"]
    undecided = view.state in ("received", "waiting") or (view.state == "released" and not ids)
    return Funnel(
        agency_id=agency_id,
        policy_id=policy_id,
        revision=view.revision,
        title=view.title,
        state=view.state,
        campaigns=listed,
        shards=int(marks[0]),
        shards_marked=int(marks[1]),
        complete=not undecided and marks[0] == marks[1] and not waiting["planned"] and not waiting["claimed"],
        matched=matched,
        held=waiting["held"],
        reached=reached,
        aware=aware,
        reach_rate=round(reached / matched, 4) if matched else None,
        awareness_rate=round(aware / reached, 4) if reached else None,
        **rows,
    )


async def _rows(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, Any]:
    """Count the rows of campaigns, in one statement: figures of two would not add up while deliveries go on."""
    came = [func.count(d[f"{name}_at"]).label(name) for name in CAME_TO]
    query = select(d.state, d.reason, func.count().label("rows"), *came)
    return _added_up(await conn.execute(query.where(d.campaign_id.in_(ids)).group_by(d.state, d.reason)))


def _added_up(counted: Iterable[Row[Any]]) -> dict[str, Any]:
    sums: dict[str, Any] = dict.fromkeys(("planned", "unreported", *CAME_TO), 0)
    sums["waiting"] = dict.fromkeys(OPEN, 0)
    whys: dict[str, dict[str, int]] = {name: {} for name in ("held_for", *NOT_DELIVERED)}
    for one in counted:
        count, reason = one.rows, one.reason or "unknown"
        sums["planned"] += count
        for name in CAME_TO:
            # What waits to go again, or ended without going, may have gone once: its answer was lost.
            if name != "sent" or one.state in WENT:
                sums[name] += one._mapping[name]
        if one.state in OPEN:
            sums["waiting"][one.state] += count
        elif one.state in UNREPORTED:
            sums["unreported"] += count
        why = whys.get("held_for" if one.state == "held" else one.state)
        if why is not None:
            why[reason] = why.get(reason, 0) + count
    return sums | whys


async def _people(conn: AsyncConnection, ids: Sequence[str]) -> tuple[int, int]:
    """Return how many subscribers campaigns reached, and how many opened or acknowledged."""
    arrived, opened = d.delivered_at.is_not(None), d.read_at.is_not(None) | d.acknowledged_at.is_not(None)
    of = [func.count(distinct(case((which, d.subscriber_id)))) for which in (arrived, opened)]
    row = (await conn.execute(select(*of).where(d.campaign_id.in_(ids)))).one()
    return int(row[0]), int(row[1])
