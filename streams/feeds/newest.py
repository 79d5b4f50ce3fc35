"""What a page of a feed holds, found by index: releases, repeals, and explanations released after their policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import aware
from config.database.schema import (
    PUBLIC_REVISIONS,
    RELEASED_ITEMS,
    explanations,
    policies,
    policy_labels,
    policy_revisions,
)
from streams.feeds.scope import Scope

PER_PAGE = 50
ITEM, POLICY, REPEAL = "item", "policy", "repeal"

r, p, e, lab = policy_revisions.c, policies.c, explanations.c, policy_labels.c
_OF_POLICY = {
    POLICY: (r.decided_at, r.agency_id, r.policy_id),
    REPEAL: (p.repealed_at, p.agency_id, p.policy_id),
}
_KEYS = _OF_POLICY | {ITEM: (e.decided_at, e.agency_id, e.policy_id, e.kind, e.item_id)}


@dataclass(frozen=True)
class Place:
    """Where a page ended: the moment of its last entry, what kind it was of, and its own key within that kind."""

    moment: datetime
    told: str
    key: tuple[str, ...]

    def __str__(self) -> str:
        return "|".join((self.moment.isoformat(), self.told, *self.key))

    @classmethod
    def read(cls, text: str) -> "Place":
        """Return the place that ``text`` names.

        Raises:
            ValueError: it is none of ours.
        """
        moment, told, *key = text.split("|")
        if told not in _KEYS or len(key) != len(_KEYS[told]) - 1:
            raise ValueError(f"not a place in a feed: {text[:80]}")
        return cls(aware(datetime.fromisoformat(moment)), told, tuple(key))


@dataclass(frozen=True)
class Told:
    """One entry to be written: its place, the policy's public revision, and of an explanation its own revision."""

    place: Place
    revision: int
    item_revision: int = 0

    @property
    def policy(self) -> tuple[str, str, int]:
        """Agency, policy and revision."""
        return self.place.key[0], self.place.key[1], self.revision


async def newest_told(
    conn: AsyncConnection, scope: Scope, after: Place | None = None, most: int = PER_PAGE
) -> tuple[list[Told], Place | None]:
    """Return a page of what was released to everybody, newest first, and where the next one begins (None: no more).

    Only the newest released revision of an open, untargeted policy is told, or its repeal; a policy whose newest
    released revision is targeted or closed is not told at all. Texts are not read.

    Args:
        conn: anything that reads.
        scope: which policies.
        after: where the page before ended.
        most: how many.
    """
    found = [
        [_told(name, row) for row in await conn.execute(_page(name, query, scope, after, most + 1))]
        for name, query in (
            (POLICY, _released()),
            (REPEAL, _repealed()),
            (ITEM, _explained()),
        )
    ]
    # Each list is in the database's own order; between them moment and kind decide.
    whole = merge(*found, key=lambda told: (told.place.moment, told.place.told), reverse=True)
    page = list(islice(whole, most + 1))
    return page[:most], page[most - 1].place if len(page) > most else None


def _told(name: str, row: Any) -> Told:
    moment, *key = row[: len(_KEYS[name])]
    return Told(Place(moment, name, tuple(key)), row.revision, row.item_revision if name == ITEM else 0)


def _released() -> Select[Any]:
    return select(*_KEYS[POLICY], r.revision).where(PUBLIC_REVISIONS)


def _repealed() -> Select[Any]:
    # A revision that only waited when its policy was repealed is "repealed", too, and nobody ever decided on it.
    ended = and_(r.agency_id == _only(p.agency_id), r.policy_id == p.policy_id, r.state == "repealed")
    query = select(*_KEYS[REPEAL], r.revision).join_from(policies, policy_revisions, ended)
    return query.where(p.repealed_at.is_not(None), r.decided_at.is_not(None), *open_to_all())


def _explained() -> Select[Any]:
    same = and_(r.agency_id == e.agency_id, r.policy_id == e.policy_id)
    query = select(*_KEYS[ITEM], e.revision.label("item_revision"), r.revision)
    return query.join_from(explanations, policy_revisions, same).where(RELEASED_ITEMS, PUBLIC_REVISIONS)


def open_to_all() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a revision that anybody may see once it is released."""
    return r.disclosure == "open", r.targeted.is_(False)


def _page(name: str, query: Select[Any], scope: Scope, after: Place | None, most: int) -> Select[Any]:
    columns = _KEYS[name]
    if scope.dimension:
        query = query.where(_labelled(scope))
    if after is not None:
        query = query.where(_behind(name, columns, after))
    return query.order_by(*(column.desc() for column in columns)).limit(most)


def _only(column: Any) -> Any:
    """``column``'s value, by which nothing is looked up.

    SQLite would else go through all revisions and then sort; so it reads the newest in their order until the page is
    full.
    """
    return column.concat("")


def _labelled(scope: Scope) -> ColumnElement[bool]:
    own = and_(lab.agency_id == r.agency_id, lab.policy_id == r.policy_id, lab.revision == r.revision)
    query = select(lab.code).where(own, lab.dimension == scope.dimension)
    # A revision has few labels of a dimension; a city has a hundred codes above and below it.
    return (query.where(_only(lab.code).in_(scope.codes)) if scope.codes else query).exists()


def _behind(name: str, columns: Sequence[Any], after: Place) -> ColumnElement[bool]:
    if name == after.told:
        return tuple_(*columns) < tuple_(after.moment, *after.key)
    moment = columns[0]
    behind: ColumnElement[bool] = moment <= after.moment if name < after.told else moment < after.moment
    return behind
