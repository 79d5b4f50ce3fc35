"""The policies that were pushed openly in the last 90 days, as criteria see them: kept by each process, in bounds."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from sys import intern
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import Clock
from config.database import Record
from config.database.schema import campaigns, policy_facts, policy_revisions
from streams.campaigns.occurrences import POLICY
from streams.campaigns.validity import past
from streams.latecomers.pairs import pairs_of
from streams.latecomers.would_have import Pushed
from streams.matching.matter import Ancestors, Matter, matter_of
from streams.policies.reading import KnownFact
from streams.policies.requirements import asked

DAYS = 90
MOST_POLICIES = 6_000
MOST_CHARACTERS = 64_000_000  # of text, 128 MB in memory: 50 policies a day of 14,000 characters each
CHUNK = 50

c, r, f = campaigns.c, policy_revisions.c, policy_facts.c
_SAME = and_(r.agency_id == c.agency_id, r.policy_id == c.policy_id, r.revision == c.revision)


@dataclass(frozen=True)
class Recently:
    """Pushed policies, newest first; ``complete`` is False where there were more than are kept."""

    policies: tuple[Pushed, ...]
    complete: bool


class Recent:
    """What was pushed lately. The first question reads it all; each later one reads what is new."""

    def __init__(self, most_policies: int = MOST_POLICIES, most_characters: int = MOST_CHARACTERS) -> None:
        self._known: dict[str, Pushed] = {}  # by campaign
        self._most = most_policies
        self._most_characters = most_characters
        self._reading = asyncio.Lock()  # of many first questions one reads

    async def since(self, record: Record, clock: Clock, ancestors: Ancestors) -> Recently:
        """Return what was pushed in the last 90 days and still stands.

        Args:
            record: where they stand; who waits for another's reading holds no connection to it.
            clock: whose days count.
            ancestors: of a code in a dimension.
        """
        async with self._reading, record.read() as conn:
            names = list(await conn.scalars(_standing(clock, self._most + 1)))
            self._known = {name: self._known[name] for name in names[: self._most] if name in self._known}
            kept = await self._fill(conn, names[: self._most], ancestors)
            # What went while this was read is missing, and does not stand any more.
            self._known = {name: self._known[name] for name in names[:kept] if name in self._known}
            return Recently(tuple(self._known.values()), kept == len(names))

    async def _fill(self, conn: AsyncConnection, names: Sequence[str], ancestors: Ancestors) -> int:
        """Read what is not known of ``names``, in their order; return how many of them there is room for."""
        characters = 0
        for start in range(0, len(names), CHUNK):
            part = names[start : start + CHUNK]
            await self._take(conn, [name for name in part if name not in self._known], ancestors)
            characters += sum(len(self._known[name].matter.text) for name in part if name in self._known)
            if characters > self._most_characters:
                return start + len(part)
        return len(names)

    async def _take(self, conn: AsyncConnection, names: Sequence[str], ancestors: Ancestors) -> None:
        if not names:
            return
        rows = (await conn.execute(_texts(names))).all()
        facts = await _conditions(conn, [(row.agency_id, row.policy_id, row.revision) for row in rows])
        self._known |= await asyncio.to_thread(_read, rows, facts, ancestors)


def _read(
    rows: Sequence[Any], facts: Mapping[tuple[str, str, int], Sequence[KnownFact]], ancestors: Ancestors
) -> dict[str, Pushed]:
    found = {}
    for row in rows:
        key = row.agency_id, row.policy_id, row.revision
        asks = asked(facts.get(key, ()), row.data, row.body)
        matter = matter_of(row.tokens["labels"], f"{row.title}\n{row.body}", ancestors, asks)
        ended = past(row.data, row.created_at) is not None
        shown = row.title, row.issuer, row.created_at
        found[row.campaign_id] = Pushed(*key, *shown, _shared(matter), pairs_of(matter.text), ended)
    return found


def _shared(matter: Matter) -> Matter:
    """The matter with one copy of each token for all: thousands of policies have few different ones."""
    labels_of = {intern(token): tuple(map(intern, labels)) for token, labels in matter.labels_of.items()}
    labels = tuple(map(intern, matter.labels))
    return Matter(labels, frozenset(labels_of), matter.text, labels_of, matter.requirements)


def _standing(clock: Clock, most: int) -> Any:
    since = clock.now() - timedelta(days=DAYS)
    return (
        select(c.campaign_id)
        .join_from(campaigns, policy_revisions, _SAME)
        .where(c.created_at >= since, c.occurrence == POLICY)
        .where(r.state == "released", r.disclosure == "open", r.targeted.is_(False))
        .order_by(c.created_at.desc(), c.campaign_id)
        .limit(most)
    )


def _texts(names: Sequence[str]) -> Any:
    shown = (r.agency_id, r.policy_id, r.revision, r.title, r.issuer, r.data, r.body)
    query = select(c.campaign_id, c.created_at, c.tokens, *shown)
    return query.join_from(campaigns, policy_revisions, _SAME).where(c.campaign_id.in_(names))


async def _conditions(
    conn: AsyncConnection, keys: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str, int], list[KnownFact]]:
    query = (
        select(f.agency_id, f.policy_id, f.revision, *(f[name] for name in KnownFact.__dataclass_fields__))
        .where(f.name == "conditions", tuple_(f.agency_id, f.policy_id, f.revision).in_(keys))
        .order_by(f.number)
    )
    found: dict[tuple[str, str, int], list[KnownFact]] = {}
    for agency_id, policy_id, revision, *fact in await conn.execute(query):
        found.setdefault((agency_id, policy_id, revision), []).append(KnownFact(*fact))
    return found
