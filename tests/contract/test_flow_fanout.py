"""Fan-out against a plain reading of what it has to write: every row, hand-over and mark, on both databases."""

import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from config.database.schema import campaign_shards, campaigns, deliveries
from streams.campaigns.record import campaign_id
from streams.fanout import ledger
from streams.matching.index import Contact, Match, Why
from streams.matching.shards import Shards
from streams.names import DELIVERIES
from streams.steps import match as match_step
from tests.support.flow import AGENCY, NOW, SHARDS, Flow, open_flow

LABELS = ("industry:I65", "region:310118", "keyword:首版次", "theme:T07")
CHANNELS = ("email", "email", "space", "webhook", "sms", "pigeon")  # this house has no pigeons
SPACE = ("space", "space")


class Scripted:
    """An index that finds whom the test says, with a rest now and then."""

    def __init__(self, found: list[Match]) -> None:
        self.found = found

    def matches(self, _matter: object) -> Iterator[Match | None]:
        for match in self.found:
            yield match
            yield None


class Held:
    """The shards of a test: an index each."""

    def __init__(self, indexes: dict[int, Scripted]) -> None:
        self.indexes = indexes

    async def caught_up(self, shard: int, _after: int) -> Scripted:
        return self.indexes[shard]


def some_match(dice: random.Random, subscriber_id: str) -> Match:
    whys = [
        Why(dice.choice((None, str(uuid.UUID(int=dice.getrandbits(128))))), tuple(dice.sample(LABELS, 2)))
        for _ in range(dice.choice((1, 1, 2, 4)))
    ]
    routes: dict[Contact, tuple[Why, ...]] = {}
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        channel = dice.choice(CHANNELS)
        to = SPACE if channel == "space" else (channel, str(uuid.UUID(int=dice.getrandbits(128))))
        routes[to] = tuple(dice.sample(whys, dice.randint(1, len(whys))))
    return Match(subscriber_id, tuple(routes.items()))


def audience(seed: int) -> dict[int, Scripted]:
    """Shards of very different size, one of them empty."""
    dice = random.Random(seed)
    sizes = (0, 1, 7, 60)
    return {
        shard: Scripted([some_match(dice, f"企业-{shard}-{number}") for number in range(size)])
        for shard, size in enumerate(sizes[:SHARDS])
    }


def expected(campaign: str, found: dict[int, Scripted]) -> dict[str, dict[str, Any]]:
    """The ledger's rows, worked out one by one in the plainest way."""
    rows = {}
    for shard, index in found.items():
        for match in index.found:
            for (channel, contact_id), whys in match.routes:
                if channel not in DELIVERIES:
                    continue
                name = f"{match.subscriber_id}|{channel}|{contact_id}"
                delivery = str(uuid.uuid5(uuid.UUID(campaign), name))
                rows[delivery] = dict.fromkeys((column.name for column in deliveries.columns), None) | {
                    "delivery_id": delivery,
                    "campaign_id": campaign,
                    "shard": shard,
                    "subscriber_id": match.subscriber_id,
                    "channel": channel,
                    "contact_id": contact_id,
                    "reasons": [
                        {"subscription": why.subscription_id, "labels": list(why.labels)} for why in whys
                    ],
                    "state": "planned",
                    "attempts": 0,
                    "due_at": NOW,
                    "handed_at": NOW,
                    "planned_at": NOW,
                }
    return rows


@pytest.fixture
async def flow(record_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Flow]:
    monkeypatch.setattr(match_step, "WRITTEN_TOGETHER", 7)
    monkeypatch.setattr(match_step, "MARKED_TOGETHER", 10)
    monkeypatch.setattr(match_step, "REST_EVERY", 4)
    monkeypatch.setattr(match_step, "BATCH", 5)
    async with open_flow(record_url) as opened:
        yield opened


async def fan_out(flow: Flow, campaign: str, found: dict[int, Scripted]) -> None:
    shards = cast("Shards", Held(found))
    tasks = [{"campaign_id": campaign, "shard": shard, "after": 0} for shard in found]
    await match_step.match(flow.desk, shards, *tasks)


async def written(flow: Flow) -> dict[str, dict[str, Any]]:
    return {row["delivery_id"]: row for row in await flow.rows()}


def handed(flow: Flow) -> Counter[tuple[str, str]]:
    """How often every id was put before which channel."""
    told = [(topic, message) for topic in DELIVERIES.values() for message in flow.log.on(topic)]
    assert all(1 <= len(message.json["delivery_ids"]) <= 5 for _, message in told)
    return Counter((topic, one) for topic, message in told for one in message.json["delivery_ids"])


async def marks(flow: Flow) -> dict[int, tuple[int | None, int | None]]:
    async with flow.record.read() as conn:
        rows = await conn.execute(select(campaign_shards))
        return {row.shard: (row.matched, row.planned) for row in rows}


def wanted_marks(found: dict[int, Scripted], rows: dict[str, dict[str, Any]]) -> dict[int, tuple[int, int]]:
    planned = Counter(row["shard"] for row in rows.values())
    return {shard: (len(index.found), planned[shard]) for shard, index in found.items()}


@pytest.mark.parametrize("together", [1, 30, 100_000])
async def test_every_row_hand_over_and_mark_is_as_the_plain_reading_has_it(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(match_step, "PLANNED_TOGETHER", together)
    found = audience(together)
    campaign = await flow.campaign()
    await fan_out(flow, campaign, found)
    rows = expected(campaign, found)
    assert await written(flow) == rows
    assert handed(flow) == Counter({(DELIVERIES[row["channel"]], one): 1 for one, row in rows.items()})
    assert await marks(flow) == wanted_marks(found, rows)


async def test_a_second_time_changes_nothing_and_hands_over_only_what_is_open(flow: Flow) -> None:
    found = audience(2)
    campaign = await flow.campaign()
    await fan_out(flow, campaign, found)
    rows = expected(campaign, found)
    ended = sorted(rows)[::3]
    async with flow.record.write() as conn:
        await conn.execute(
            update(deliveries).where(deliveries.c.delivery_id.in_(ended)).values(state="delivered")
        )
    flow.log.messages.clear()
    flow.clock.advance(timedelta(minutes=5))
    await fan_out(flow, campaign, found)
    assert await written(flow) == rows | {one: rows[one] | {"state": "delivered"} for one in ended}
    assert {one for _, one in handed(flow)} == set(rows) - set(ended)
    assert await marks(flow) == wanted_marks(found, rows)


async def test_a_crash_in_the_middle_of_the_writing_loses_nobody(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = audience(3)
    campaign = await flow.campaign()
    real, calls = ledger.plan, iter(range(4))

    async def killed_at_the_fifth(*given: Any) -> None:
        if next(calls, None) is None:
            raise ConnectionResetError("killed")
        await real(*given)

    monkeypatch.setattr(ledger, "plan", killed_at_the_fifth)
    with pytest.raises(ConnectionResetError):
        await fan_out(flow, campaign, found)
    rows = expected(campaign, found)
    assert 0 < len(await written(flow)) < len(rows)
    assert handed(flow) == Counter()
    assert set((await marks(flow)).values()) == {(None, None)}
    monkeypatch.setattr(ledger, "plan", real)
    await fan_out(flow, campaign, found)
    assert await written(flow) == rows
    assert set(handed(flow).values()) == {1}
    assert await marks(flow) == wanted_marks(found, rows)


async def test_two_campaigns_of_one_policy_keep_their_rows_apart(flow: Flow) -> None:
    found = audience(4)
    first = await flow.campaign()
    await fan_out(flow, first, found)
    second = campaign_id(AGENCY, "P-1", 1, "policy:again")
    async with flow.record.write() as conn:
        row = (await conn.execute(select(campaigns).where(campaigns.c.campaign_id == first))).one()
        new = dict(row._mapping) | {"campaign_id": second, "occurrence": "policy:again"}
        await conn.execute(campaigns.insert(), [new])
        marked = [
            {"campaign_id": second, "shard": shard, "dispatched_at": datetime.now(UTC)} for shard in found
        ]
        await conn.execute(campaign_shards.insert(), marked)
    await fan_out(flow, second, found)
    assert await written(flow) == expected(first, found) | expected(second, found)


def test_small_shards_are_marked_together_and_large_ones_alone() -> None:
    def ready(shard: int, rows: int) -> match_step.Ready:
        return match_step.Ready(shard, rows, rows, [[cast("Any", None)] * rows])

    sizes = [3, 0, 4, 30_000, 0, 19_000, 1_000, 1, 20_000]
    groups = list(match_step.marked_together(ready(shard, size) for shard, size in enumerate(sizes)))
    assert [[one.planned for one in group] for group in groups] == [
        [3, 0, 4],
        [30_000],
        [0, 19_000, 1_000],
        [1],
        [20_000],
    ]
    assert list(match_step.marked_together([])) == []
