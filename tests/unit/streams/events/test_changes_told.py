"""How changes of subscribers stand on the log: one by itself, several of a shard together, nobody left out."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.changes import MOST_TOGETHER, told, who_changed
from subscribers.model import Change

changes = st.lists(
    st.builds(Change, st.sampled_from([f"S-{n}" for n in range(300)]), st.integers(0, 3), st.integers(1, 9)),
    unique_by=lambda change: change.subscriber_id,
    max_size=300,
)


def events(*given: Change) -> list[tuple[int, bytes, dict[str, Any]]]:
    return [(shard, key, orjson.loads(value)) for shard, key, value in told(given)]


def test_one_change_is_an_event_whose_key_is_the_subscriber() -> None:
    ((shard, key, event),) = events(Change("S-1", 3, 7))
    assert (shard, key) == (3, b"S-1")
    assert (event["type"], event["id"]) == ("subscription.changed", "S-1:7")
    assert event["data"] == {"subscriber_id": "S-1", "version": 7}


def test_changes_of_one_shard_are_one_event_with_a_key_that_no_other_has() -> None:
    first, second = (events(Change("S-1", 0, version), Change("S-2", 0, 1)) for version in (1, 2))
    assert [len(first), len(second)] == [1, 1]
    assert first[0][2]["data"] == {"versions": {"S-1": 1, "S-2": 1}}
    assert first[0][1] != second[0][1]  # or compaction would let a reader that is late miss S-2
    assert first == events(Change("S-1", 0, 1), Change("S-2", 0, 1))


@given(changes)
def test_everybody_is_told_once_in_its_own_shard_and_in_order(given: list[Change]) -> None:
    found = [(shard, who) for shard, _, event in events(*given) for who in who_changed(event["data"])]
    for shard in range(4):
        own = [change.subscriber_id for change in given if change.shard == shard]
        assert [who for at, who in found if at == shard] == own


def test_no_event_names_more_than_a_reader_takes_at_once() -> None:
    many = [Change(f"S-{n}", 0, 1) for n in range(MOST_TOGETHER * 2 + 1)]
    sizes = [len(who_changed(event["data"])) for _, _, event in events(*many)]
    assert sizes == [MOST_TOGETHER, MOST_TOGETHER, 1]


def test_an_event_that_names_nobody_is_refused() -> None:
    with pytest.raises(KeyError):
        who_changed({})
