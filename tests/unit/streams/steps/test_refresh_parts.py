"""Many changes are taken some hundred at a time, none left out, each message's offset after all it names."""

from typing import Any, cast

import pytest

from streams.desk import Desk
from streams.matching.shards import Shards
from streams.steps import refresh as module
from streams.steps.refresh import MOST, Changed, refresh


class Heard:
    """Stands for the shards: notes what it is to take."""

    def __init__(self) -> None:
        self.parts: list[Changed] = []

    async def apply_together(self, part: Changed) -> None:
        self.parts.append(part)


@pytest.fixture
def backfilled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    async def backfill(desk: Desk, shards: Shards, changed: dict[int, tuple[str, ...]]) -> None:
        found.extend(one for some in changed.values() for one in some)

    monkeypatch.setattr(module, "backfill", backfill)
    return found


async def taken(*changes: tuple[int, int, dict[str, Any]]) -> list[Changed]:
    shards = Heard()
    await refresh(cast(Desk, None), cast(Shards, shards), *changes)
    return shards.parts


async def test_messages_are_taken_together_up_to_the_limit(backfilled: list[str]) -> None:
    each = MOST // 4
    messages = [(n % 2, n // 2, {"versions": {f"S-{n}-{one}": 1 for one in range(each)}}) for n in range(10)]
    parts = await taken(*messages)
    assert [sum(len(who) for _, who in part.values()) for part in parts] == [MOST, MOST, MOST // 2]
    assert [{shard: offset for shard, (offset, _) in part.items()} for part in parts] == [
        {0: 1, 1: 1},
        {0: 3, 1: 3},
        {0: 4, 1: 4},
    ]
    assert sorted(backfilled) == sorted(who for _, _, data in messages for who in data["versions"])


async def test_who_changed_several_times_is_read_once(backfilled: list[str]) -> None:
    (part,) = await taken(
        (5, 1, {"subscriber_id": "S-1", "version": 1}),
        (5, 2, {"versions": {"S-1": 2, "S-2": 1}}),
        (5, 3, {"subscriber_id": "S-1", "version": 3}),
    )
    assert part == {5: (3, ("S-1", "S-2"))}
    assert backfilled == ["S-1", "S-2"]


async def test_a_message_larger_than_the_limit_goes_by_itself(backfilled: list[str]) -> None:
    large = {"versions": {f"S-{n}": 1 for n in range(MOST + 1)}}
    parts = await taken(
        (0, 1, {"subscriber_id": "A", "version": 1}), (0, 2, large), (0, 3, {"subscriber_id": "B"})
    )
    assert [[len(who) for _, who in part.values()] for part in parts] == [[1], [MOST + 1], [1]]
    assert len(backfilled) == MOST + 3
