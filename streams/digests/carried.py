"""The items of digests: read with the digest that carries them, settled with it in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries
from streams.campaigns.record import NEVER
from streams.delivery.claims import SETTLED
from streams.delivery.outcomes import not_sent
from subscribers.verdict import DIGEST as HELD_FOR_IT

d = deliveries.c
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Digest:
    """What a digest row carries: ``items`` are ledger rows, oldest first; ``occurrence`` is ``digest:<date>``."""

    occurrence: str
    items: list[Row] = field(default_factory=list)


def is_digest(row: Row) -> bool:
    """Whether a ledger row is a digest: it carries itself."""
    return row["digest_id"] is not None and row["digest_id"] == row["delivery_id"]


async def digests_of(conn: AsyncConnection, rows: Sequence[Row]) -> dict[str, Digest]:
    """Return what the digests among claimed rows carry now, by ``delivery_id``.

    An item's ``attempts`` count the digest's attempt, as those of a claimed row do.
    """
    wanted = {row["delivery_id"]: row["campaign_id"] for row in rows if is_digest(row)}
    if not wanted:
        return {}
    c = campaigns.c
    named = await conn.execute(
        select(c.campaign_id, c.occurrence).where(c.campaign_id.in_(sorted(set(wanted.values()))))
    )
    occurrences = {row.campaign_id: row.occurrence for row in named}
    found = {digest: Digest(occurrences[campaign]) for digest, campaign in wanted.items()}
    shown = (
        d.delivery_id,
        d.campaign_id,
        d.subscriber_id,
        d.channel,
        d.contact_id,
        d.reasons,
        d.digest_id,
        d.sent_at,
    )
    items = await conn.execute(
        select(*shown, (d.attempts + 1).label("attempts"))
        .where(d.digest_id.in_(sorted(wanted)), d.state == "held")
        .order_by(d.planned_at, d.delivery_id)
    )
    for item in items.mappings():
        found[item["digest_id"]].items.append(dict(item))
    return found


async def still_claimed(conn: AsyncConnection, token: str, digest_ids: Sequence[str]) -> set[str]:
    """Return which digests are still this claim's, and keep it so until the transaction ends.

    Whoever lost one to the end of its lease must leave its items alone: they go with the claim that followed.
    """
    if not digest_ids:
        return set()
    mine = (d.delivery_id.in_(sorted(digest_ids)), d.claim == token, d.state == "claimed")
    return set(
        (
            await conn.execute(select(d.delivery_id).where(*mine).order_by(d.delivery_id).with_for_update())
        ).scalars()
    )


_settle = (
    update(deliveries)
    .where(d.delivery_id == bindparam("row"), d.digest_id == bindparam("digest"), d.state == "held")
    .values({name: bindparam(f"new_{name}") for name in SETTLED} | {"digest_id": bindparam("new_digest_id")})
)


async def settle_items(conn: AsyncConnection, digest_id: str, rows: Sequence[Row]) -> None:
    """Write what became of a digest's items.

    Args:
        conn: in a transaction that has the digest from `still_claimed`.
        digest_id: that carried them so far.
        rows: ``delivery_id``, every column of ``SETTLED``, and ``digest_id``: None for an item that left the digest.
    """
    if rows:
        values = [
            {"row": row["delivery_id"], "digest": digest_id, "new_digest_id": row["digest_id"]}
            | {f"new_{name}": row[name] for name in SETTLED}
            for row in rows
        ]
        await conn.execute(_settle, values)


def in_step(item: Row, settled: Row) -> dict[str, Any] | None:
    """Return an item's values after its digest was settled, None where it goes on waiting with it as it is.

    Of a digest that may have arrived, and goes again, the items may have arrived as well.

    Args:
        item: that the digest carried.
        settled: the digest's new values.
    """
    if settled["state"] in ("planned", "held"):
        if settled["sent_at"] is None:
            return None
        waits = not_sent(item, "held", HELD_FOR_IT, settled["sent_at"], NEVER)
        return waits | {"digest_id": item["digest_id"], "sent_at": settled["sent_at"]}
    kept = {"delivery_id": item["delivery_id"], "digest_id": item["digest_id"], "attempts": item["attempts"]}
    return {name: settled[name] for name in SETTLED} | kept | {"gateway_ref": None}
