"""Whatever is put, changed, removed, built anew, saved, opened and shared out: the index answers what the rules say."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from zlib import crc32

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.matching.index import ShardIndex
from streams.matching.keeping.compaction import Compaction, Loading
from streams.matching.matter import Matter
from streams.matching.people.columns import CHANNEL_BITS, mask_of
from streams.matching.queries import keywords, queries
from subscribers.shards import IndexRow
from tests.support.matching_at_random import ANCESTORS, NAMES, matters, routes_of, rows, whys_of


class Shards(RuleBasedStateMachine):
    """Subscribers in one or two indexes, of which the first may be about to be built anew."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, IndexRow] = {}
        self.indexes = [ShardIndex(ANCESTORS)]
        self.work: Compaction | None = None
        self.is_built = False
        self.directory = Path(mkdtemp())
        self.patch = pytest.MonkeyPatch()

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.directory)

    @initialize(waste=st.sampled_from([0, 1000]), loose=st.sampled_from([2, 64]))
    def limits(self, waste: int, loose: int) -> None:
        self.patch.setattr(queries, "WASTE", waste)
        self.patch.setattr(keywords, "LOOSE", loose)

    def at(self, subscriber_id: str) -> int:
        return crc32(subscriber_id.encode()) % len(self.indexes)

    @rule(row=rows())
    def put(self, row: IndexRow) -> None:
        self.indexes[self.at(row.subscriber_id)].put(row)
        self.rows[row.subscriber_id] = row

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        self.indexes[self.at(name)].remove(name)
        self.rows.pop(name, None)

    @precondition(lambda self: self.work is None)
    @rule()
    def build_anew(self) -> None:
        self.indexes = [index.compacted() for index in self.indexes]

    @precondition(lambda self: self.work is None)
    @rule()
    def begin_to_build(self) -> None:
        self.work, self.is_built = Compaction(self.indexes[0]), False

    @precondition(lambda self: self.work is not None)
    @rule()
    def build(self) -> None:
        assert self.work is not None
        if not self.is_built:
            self.work.build()
            self.is_built = True

    @precondition(lambda self: self.work is not None and self.is_built)
    @rule()
    def finish(self) -> None:
        assert self.work is not None
        self.indexes[0], self.work = self.work.finish(), None

    @precondition(lambda self: self.work is not None)
    @rule()
    def abandon(self) -> None:
        assert self.work is not None
        self.work.abandon()
        self.work = None

    @precondition(lambda self: self.work is None)
    @rule()
    def restart(self) -> None:
        for n, index in enumerate(self.indexes):
            index.save(self.directory / str(n), {"shard": n})
            self.indexes[n] = ShardIndex.open(self.directory / str(n), ANCESTORS)
            assert self.indexes[n].note == {"shard": n}

    @precondition(lambda self: self.work is None)
    @rule(count=st.integers(1, 3))
    def share_out(self, count: int) -> None:
        loading = [Loading(ANCESTORS) for _ in range(count)]
        for row in self.rows.values():
            loading[crc32(row.subscriber_id.encode()) % count].add(row)
        self.indexes = [one.done() for one in loading]

    @rule(matter=matters())
    def ask(self, matter: Matter) -> None:
        found = {}
        for index in self.indexes:
            for match in index.matches(matter):
                if match is not None:
                    assert match.subscriber_id not in found
                    found[match.subscriber_id] = match
        wants = {name: row for name, row in self.rows.items() if whys_of(row, matter)}
        assert found.keys() == wants.keys()
        for name, row in wants.items():
            assert dict(found[name].routes) == routes_of(row, matter)
        for name in NAMES:
            row_or_none = self.rows.get(name)
            whys = whys_of(row_or_none, matter) if row_or_none else []
            index = self.indexes[self.at(name)]
            assert index.reasons(name, matter) == tuple(why for why, channels in whys if channels)
        self.count(matter, wants)

    def count(self, matter: Matter, wants: dict[str, IndexRow]) -> None:
        counted = set()
        for index in self.indexes:
            wanted = index.wanted(matter)
            for ordinal, channels, blocked in zip(
                wanted.people, wanted.channels, wanted.blocked, strict=True
            ):
                row = wants[index.subscriber_id(ordinal)]
                assert row.subscriber_id not in counted
                counted.add(row.subscriber_id)
                routes = routes_of(row, matter)
                assert dict(index.match_of(ordinal, matter).routes) == routes
                assert channels == mask_of([channel for channel, _ in routes])
                chosen = mask_of([one for _, through in whys_of(row, matter) for one in through])
                assert blocked == chosen & ~channels
                blocks = {
                    bit
                    for channel, why in row.blocked
                    if why == "opted_out"
                    for bit in (CHANNEL_BITS[channel],)
                }
                assert index.column("opted_out")[ordinal] == sum(blocks)
        assert counted == wants.keys()

    @invariant()
    def holds_who_wants_something(self) -> None:
        wanting = {n for n, row in self.rows.items() if row.subscriptions or row.profile_matching}
        assert sum(map(len, self.indexes)) == len(wanting)
        for name in NAMES:
            index = self.indexes[self.at(name)]
            assert index.contacts(name) == (self.rows[name].contacts if name in wanting else ())
            assert index.version(name) == (self.rows[name].version if name in wanting else None)


TestShards = Shards.TestCase
TestShards.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


@pytest.mark.slow
class TestManyShards(Shards.TestCase):
    """The same four times as often, where there are minutes."""

    settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
