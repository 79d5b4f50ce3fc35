"""What the entries of one page say, read from the record for just these: texts, labels, when each came first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import explanations, policy_labels, policy_revisions
from streams.feeds.newest import ITEM, REPEAL, Told, open_to_all

LEAD_CHARS = 2_000  # of a text, of which an entry shows the first lines
WAS_RELEASED = ("released", "superseded", "repealed")

r, e, lab = policy_revisions.c, explanations.c, policy_labels.c


@dataclass(frozen=True)
class Content:
    """One entry's matter.

    Attributes:
        told: what is told.
        title: the policy's.
        issuer: the policy's.
        data: the policy's, without its text.
        beginning: of its text.
        labels: (dimension, code) of the policy, sorted.
        published: when it (the policy, or the explanation) was first released to everybody.
        item: the explanation's data; {} of a policy.
    """

    told: Told
    title: str
    issuer: str
    data: dict[str, Any]
    beginning: str
    labels: tuple[tuple[str, str], ...]
    published: datetime
    item: dict[str, Any]


async def contents_of(conn: AsyncConnection, page: Sequence[Told]) -> list[Content]:
    """Return what ``page`` says, in its order; what stopped being public since it was found is left out."""
    if not page:
        return []
    keys = sorted({told.policy for told in page})
    texts = await _texts(conn, keys)
    labels = await _labels(conn, keys)
    since = await _since(conn, keys)
    items = await _items(conn, [told for told in page if told.place.told == ITEM])
    found = []
    for told in page:
        text = texts.get(told.policy)
        item, item_since = items.get(told.place.key, ({}, None))
        ended = "repealed" if told.place.told == REPEAL else "released"
        if text is None or text.state != ended or (told.place.told == ITEM and not item):
            continue
        first = item_since or since.get(told.policy[:2], told.place.moment)
        said = (text.title, text.issuer, text.data, text.beginning, tuple(labels.get(told.policy, ())))
        found.append(Content(told, *said, first, item))
    return found


def _any_of(columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    """The rows with one of ``keys``, at most a page of them; for a list of tuples SQLite would read the whole table."""
    return or_(
        *(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys)
    )


async def _texts(
    conn: AsyncConnection, keys: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str, int], Any]:
    beginning = func.substr(r.body, 1, LEAD_CHARS).label("beginning")
    query = select(r.agency_id, r.policy_id, r.revision, r.state, r.title, r.issuer, r.data, beginning).where(
        _any_of((r.agency_id, r.policy_id, r.revision), keys), r.decided_at.is_not(None), *open_to_all()
    )
    return {(row.agency_id, row.policy_id, row.revision): row for row in await conn.execute(query)}


async def _labels(
    conn: AsyncConnection, keys: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str, int], list[tuple[str, str]]]:
    query = (
        select(lab.agency_id, lab.policy_id, lab.revision, lab.dimension, lab.code)
        .where(_any_of((lab.agency_id, lab.policy_id, lab.revision), keys))
        .order_by(lab.dimension, lab.code)
    )
    found: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
    for agency_id, policy_id, revision, dimension, code in await conn.execute(query):
        found.setdefault((agency_id, policy_id, revision), []).append((dimension, code))
    return found


async def _since(
    conn: AsyncConnection, keys: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str], datetime]:
    """When each policy was first released to everybody."""
    query = (
        select(r.agency_id, r.policy_id, func.min(r.decided_at))
        .where(_any_of((r.agency_id, r.policy_id), [key[:2] for key in keys]))
        .where(r.state.in_(WAS_RELEASED), *open_to_all())
        .group_by(r.agency_id, r.policy_id)
    )
    return {(agency_id, policy_id): at for agency_id, policy_id, at in await conn.execute(query) if at}


async def _items(
    conn: AsyncConnection, page: Sequence[Told]
) -> dict[tuple[str, ...], tuple[dict[str, Any], datetime]]:
    """The data of explanations as they stand released, and when each was first released."""
    if not page:
        return {}
    columns = (e.agency_id, e.policy_id, e.kind, e.item_id)
    rows = await conn.execute(
        select(*columns, e.revision, e.state, e.data, e.decided_at)
        .where(_any_of(columns, [told.place.key for told in page]), e.state.in_(WAS_RELEASED))
        .where(e.decided_at.is_not(None))
        .order_by(*columns, e.revision)
    )
    found: dict[tuple[str, ...], tuple[dict[str, Any], datetime]] = {}
    for *columns_of, _revision, state, data, at in rows:
        key = tuple(columns_of)
        first = found[key][1] if key in found else at
        found[key] = (data if state == "released" else {}, first)
    return found
