"""Workers come, go, crash and keep snapshots while subscribers change: each shard is always what the record says."""

import contextlib
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from config.database.schema import contacts, subscribers, subscriptions
from streams.matching.keeping import catching_up, tending
from streams.matching.keeping.shelf import Shelf
from streams.matching.shards import Shards
from subscribers.errors import SubscriberLeftError, SuppressedContactError, UnknownSubscriberError
from subscribers.model import PENDING, Change, shard_of
from subscribers.registry import erase, mark_announced, opt_in, opt_out
from subscribers.suppression import suppress
from tests.support.flow import SHARDS, Flow
from tests.support.indexes import told_by

STEPS = 60
WHO = [f"S-{number}" for number in range(40)]
CODES = ("I65", "C39", "I", "A01")


class Office:
    """Two workers with a directory each, and who changes, by the dice."""

    def __init__(self, flow: Flow, dice: random.Random, room: Path) -> None:
        self.flow, self.dice = flow, dice
        self.shelves = [Shelf(room / name, {"house": "tests"}, least=1) for name in ("a", "b")]
        self.workers = [self._started(0), self._started(1)]
        self.owner = dict.fromkeys(range(SHARDS), 0)
        self.committed = dict.fromkeys(range(SHARDS), 0)
        self.untold: list[Change] = []

    def _started(self, which: int) -> Shards:
        return Shards(
            self.flow.record, self.flow.desk.taxonomy.ancestors, self.flow.log.highwater, self.shelves[which]
        )

    async def live(self) -> None:
        """Do one thing."""
        things = {
            self.put: 10,
            self.leave: 4,
            self.return_: 2,
            self.erase: 1,
            self.suppress: 2,
            self.sign_up: 1,
            self.give_up_sign_ups: 1,
            self.tell: 4,
            self.work: 8,
            self.rebalance: 3,
            self.keep: 3,
            self.stop: 2,
            self.crash: 2,
        }
        await self.dice.choices(list(things), list(things.values()))[0]()

    async def put(self) -> None:
        criteria = {"any": [{"all": [{"industry": self.dice.choice(CODES)}]}]}
        with contextlib.suppress(SuppressedContactError, SubscriberLeftError):
            change = await self.flow.subscriber(
                self.dice.choice(WHO),
                self.dice.choice((criteria, {})),
                channels=self.dice.choice((("email",), ("space", "sms"))),
                profile_matching=self.dice.random() < 0.4,
            )
            self.untold.append(change)

    async def _said(self, how: Any, *args: Any, **named: Any) -> None:
        async with self.flow.record.write() as conn:
            with contextlib.suppress(UnknownSubscriberError):
                change = await how(conn, self.dice.choice(WHO), *args, now=self.flow.clock.now(), **named)
                self.untold.append(change)

    async def leave(self) -> None:
        await self._said(opt_out, self.dice.choice(("all", "channel:email", "channel:space")), via="link")

    async def return_(self) -> None:
        await self._said(opt_in, self.dice.choice(("all", "channel:email", "channel:sms")))

    async def erase(self) -> None:
        await self._said(erase, actor="tests")

    async def suppress(self) -> None:
        address = f"{self.dice.choice(WHO).lower()}@example.com"
        async with self.flow.record.write() as conn:
            await suppress(
                conn, self.flow.desk.vault, "email", address, reason="550", now=self.flow.clock.now()
            )

    async def sign_up(self) -> None:
        who = f"S-w{self.dice.randrange(10)}"
        await self.flow.subscriber(who)
        async with self.flow.record.write() as conn:
            mine = subscribers.c.subscriber_id == who
            await conn.execute(
                update(subscribers)
                .where(mine)
                .values(status=PENDING, announced_version=subscribers.c.version)
            )

    async def give_up_sign_ups(self) -> None:
        async with self.flow.record.write() as conn:
            waiting = subscribers.select().where(subscribers.c.status == PENDING)
            ids = [row.subscriber_id for row in await conn.execute(waiting)]
            for table in (contacts, subscriptions, subscribers):
                await conn.execute(delete(table).where(table.c.subscriber_id.in_(ids)))

    async def tell(self) -> None:
        """Announce some changes, in any order; the others wait, as after a crash of who made them."""
        self.dice.shuffle(self.untold)
        told, self.untold = self.untold[1:], self.untold[:1]
        await self.flow.announce(*told)

    async def work(self) -> None:
        """Let each shard's worker take some of the log's tail."""
        for shard, messages in self._tail().items():
            for message in messages[: self.dice.randint(0, len(messages))]:
                await self._step(shard, message)

    def _tail(self) -> dict[int, list[Any]]:
        tail: dict[int, list[Any]] = {shard: [] for shard in range(SHARDS)}
        for message in self.flow.log.on("subscription.changes"):
            if message.at.offset >= self.committed[message.at.partition]:
                tail[message.at.partition].append(message)
        return tail

    async def _step(self, shard: int, message: Any) -> None:
        data = message.json["data"]
        who = list(data.get("versions") or [data["subscriber_id"]])
        await self.workers[self.owner[shard]].apply(shard, message.at.offset, *who)
        if self.dice.random() < 0.9:  # else it is worked off once more
            self.committed[shard] = message.at.offset + 1

    async def rebalance(self) -> None:
        self.owner = {shard: self.dice.randrange(2) for shard in range(SHARDS)}
        await self._assigned()

    async def _assigned(self) -> None:
        for which, worker in enumerate(self.workers):
            await worker.assign(shard for shard, owner in self.owner.items() if owner == which)

    async def keep(self) -> None:
        worker = self.dice.choice(self.workers)
        for shard, loaded in list(worker._loaded.items()):
            await worker._tending.renew(shard, loaded)

    async def stop(self) -> None:
        which = self.dice.randrange(2)
        await self.workers[which].close()
        self.workers[which] = self._started(which)
        await self._assigned()

    async def crash(self) -> None:
        which = self.dice.randrange(2)
        self.workers[which] = self._started(which)
        await self._assigned()

    async def settle(self) -> None:
        """Have everything told and worked off."""
        await self.flow.announce(*self.untold)
        async with self.flow.record.read() as conn:
            rows = (await conn.execute(subscribers.select())).all()
        late = [
            row for row in rows if row.announced_version < row.version
        ]  # the sweep for what nobody announced
        await self.flow.announce(*(Change(row.subscriber_id, row.shard, row.version) for row in late))
        async with self.flow.record.write() as conn:
            await mark_announced(conn, [(row.subscriber_id, row.version) for row in late])
        self.untold = []
        for shard, messages in self._tail().items():
            for message in messages:
                await self._step(shard, message)

    async def compare(self) -> None:
        """Each shard where it is held must be what the record says."""
        fresh = Shards(self.flow.record, self.flow.desk.taxonomy.ancestors, self.flow.log.highwater)
        for shard, owner in self.owner.items():
            index = await self.workers[owner].caught_up(shard, await self.flow.log.highwater(shard))
            assert told_by(index) == told_by(await fresh.caught_up(shard, 0)), shard


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_to_workers_their_shards_are_what_the_record_says(
    flow: Flow, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "WORTH_KEEPING", 1)
    monkeypatch.setattr(catching_up, "WIDE", 6)
    monkeypatch.setattr(catching_up, "PAGE", 2)
    dice = random.Random(seed)
    for who in WHO[:30]:
        await flow.subscriber(who)
    office = Office(flow, dice, tmp_path)
    await office.rebalance()
    for step in range(STEPS):
        await office.live()
        if step % 20 == 19:
            await office.settle()
            await office.compare()
    assert {shard_of(who, SHARDS) for who in WHO} == set(range(SHARDS))  # each shard was at stake
