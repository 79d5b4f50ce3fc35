"""Pages of feeds against their definition, on both databases: invented policies in every state, read page by page."""

import random
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import Record
from config.database.schema import explanations, policies, policy_labels, policy_revisions
from config.taxonomies import load_taxonomy
from streams.feeds import EVERYTHING, Place, Scope, contents_of, newest, newest_told, scope_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TAXONOMY = load_taxonomy()
REGIONS = ("100000", "310000", "310117", "310118", "440100")
SCOPES = [
    EVERYTHING,
    *(scope_of(TAXONOMY, "region", code, code) for code in REGIONS),
    scope_of(TAXONOMY, "theme", "T07", "工业、交通"),
]
Row = dict[str, Any]


class Office:
    """Invented rows of policies that went all ways they may go."""

    def __init__(self, seed: int, count: int) -> None:
        self.chance = random.Random(seed)
        self.policies: list[Row] = []
        self.revisions: list[Row] = []
        self.labels: list[Row] = []
        self.items: list[Row] = []
        for number in range(count):
            self._policy("ab"[number % 2], f"P-{number:03}")

    def moment(self) -> datetime:
        """One of few, so that many things happen at the same one."""
        return NOW + timedelta(seconds=self.chance.randrange(40))

    def _policy(self, agency: str, policy: str) -> None:
        chance, key = self.chance, {"agency_id": agency, "policy_id": policy}
        last = chance.randint(1, 3)
        repealed = self.moment() if chance.random() < 0.25 else None
        self.policies.append(key | {"revision": last, "created_at": NOW, "repealed_at": repealed})
        standing = chance.randint(0, last)  # the newest released revision, 0: none
        for revision in range(1, last + 1):
            state, decided = self._state(revision, standing, repealed)
            disclosure = (
                "open" if state in ("released", "superseded") or chance.random() < 0.8 else "withheld"
            )
            said = {
                "disclosure": disclosure,
                "targeted": chance.random() < 0.2,
                "state": state,
                "decided_at": decided,
            }
            self.revisions.append(key | {"revision": revision, **said} | self._dull(policy, revision))
            for code in chance.sample(REGIONS, chance.randint(0, 2)):
                self._label(key, revision, "region", code)
            if chance.random() < 0.5:
                self._label(key, revision, "theme", chance.choice(("T07", "T11")))
        for number in range(chance.randint(0, 2)):
            state = chance.choice(("waiting", "released", "refused"))
            self._item(key, f"I-{number}", state)

    def _state(self, revision: int, standing: int, repealed: datetime | None) -> tuple[str, datetime | None]:
        if revision == standing:
            return ("repealed" if repealed else "released"), self.moment()
        if revision < standing:
            return self.chance.choice(
                (("superseded", self.moment()), ("superseded", None), ("refused", self.moment()))
            )
        if repealed:
            return self.chance.choice((("repealed", None), ("refused", self.moment())))
        return self.chance.choice((("waiting", None), ("received", None), ("refused", self.moment())))

    def _dull(self, policy: str, revision: int) -> Row:
        return {
            "title": f"{policy} 第{revision}版",
            "issuer": "某局",
            "data": {"publish_date": "2026-03-01"},
            "body": "正文",
            "publisher": "x",
            "source": "/",
            "event_id": "e",
            "received_at": NOW,
        }

    def _label(self, key: Row, revision: int, dimension: str, code: str) -> None:
        dull = {"start": 0, "end": 0, "quote": "", "rule": "", "weight": 1.0, "origin": "rule"}
        self.labels.append(key | {"revision": revision, "dimension": dimension, "code": code} | dull)

    def _item(self, key: Row, item_id: str, state: str) -> None:
        decided = None if state == "waiting" else self.moment()
        said = {
            "state": state,
            "decided_at": decided,
            "title": item_id,
            "data": {"title": item_id, "items": []},
        }
        dull = {"publisher": "x", "received_at": NOW}
        self.items.append(key | {"kind": "faq", "item_id": item_id, "revision": 1} | said | dull)

    async def write(self, record: Record) -> None:
        async with record.write() as conn:
            for table, rows in (
                (policies, self.policies),
                (policy_revisions, self.revisions),
                (policy_labels, self.labels),
                (explanations, self.items),
            ):
                await conn.execute(table.insert(), rows)

    def told(self, scope: Scope) -> set[tuple[datetime, str, tuple[str, ...]]]:
        """What a feed has, by its definition."""
        found: set[tuple[datetime, str, tuple[str, ...]]] = set()
        ended = {(one["agency_id"], one["policy_id"]): one["repealed_at"] for one in self.policies}
        for one in self.revisions:
            key = one["agency_id"], one["policy_id"]
            if one["disclosure"] != "open" or one["targeted"] or not self._within(scope, one):
                continue
            if one["state"] == "repealed" and one["decided_at"]:
                found.add((ended[key], "repeal", key))
            if one["state"] == "released":
                found.add((one["decided_at"], "policy", key))
                for item in self.items:
                    if (item["agency_id"], item["policy_id"]) == key and item["state"] == "released":
                        found.add((item["decided_at"], "item", (*key, item["kind"], item["item_id"])))
        return found

    def _within(self, scope: Scope, revision: Row) -> bool:
        if not scope.dimension:
            return True
        names = ("agency_id", "policy_id", "revision")
        mine = [one for one in self.labels if all(one[name] == revision[name] for name in names)]
        return any(
            one["dimension"] == scope.dimension and (not scope.codes or one["code"] in scope.codes)
            for one in mine
        )


@pytest.mark.parametrize("seed", range(4))
async def test_pages_have_each_thing_once_newest_first_and_nothing_else(record: Record, seed: int) -> None:
    office = Office(seed, 40)
    await office.write(record)
    for scope in SCOPES:
        for most in (1, 3, 50):
            seen, place = [], None
            while True:
                async with record.read() as conn:
                    page, following = await newest_told(conn, scope, place, most)
                    contents = await contents_of(conn, page)
                assert len(page) <= most
                assert [one.told for one in contents] == page
                seen += [(one.place.moment, one.place.told, one.place.key) for one in page]
                if following is None:
                    break
                place = Place.read(str(following))
            assert set(seen) == office.told(scope), scope.name
            assert len(set(seen)) == len(seen)
            assert [one[0] for one in seen] == sorted((one[0] for one in seen), reverse=True)


async def test_what_was_hidden_between_two_looks_is_left_out(record: Record) -> None:
    office = Office(1, 30)
    await office.write(record)
    async with record.read() as conn:
        page, _ = await newest_told(conn, EVERYTHING)
    gone = page[0].policy
    async with record.write() as conn:
        r = policy_revisions.c
        at = (r.agency_id == gone[0], r.policy_id == gone[1])
        await conn.execute(policy_revisions.update().where(*at).values(targeted=True))
    async with record.read() as conn:
        left = await contents_of(conn, page)
    assert 0 < len(left) < len(page)
    assert all(one.told.policy[:2] != gone[:2] for one in left)


QUERIES = {
    newest.POLICY: newest._released,
    newest.REPEAL: newest._repealed,
    newest.ITEM: newest._explained,
}


IN_ORDER = "COVERING INDEX ix_(policy_revisions_public|policies_repealed_at|explanations_released)"


async def plan_of(conn: AsyncConnection, query: Any) -> list[str]:
    """How SQLite goes about it, its values bound as they are in earnest."""
    said = query.compile(conn.engine.sync_engine, compile_kwargs={"render_postcompile": True})
    values = [said.params[name] for name in said.positiontup]
    bound = tuple(
        one.replace(tzinfo=None).isoformat(" ") if isinstance(one, datetime) else one for one in values
    )
    return [row[3] for row in await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", bound)]


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUERIES)
async def test_sqlite_reads_a_page_in_its_order_and_sorts_nothing(record: Record, name: str) -> None:
    places = (None, Place(NOW, newest.POLICY, ("a", "P-1")))
    async with record.read() as conn:
        for scope, after in product((EVERYTHING, scope_of(TAXONOMY, "region", "310117", "松江")), places):
            query = newest._page(name, QUERIES[name](), scope, after, 51)
            plan = await plan_of(conn, query)
            assert re.search(IN_ORDER, plan[0]), plan
            assert not any("TEMP B-TREE" in line for line in plan), plan
