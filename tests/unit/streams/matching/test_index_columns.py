"""What previews count: the figures of subscribers, and by what they are reached."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from config.database.jsontext import to_text
from config.taxonomies import load_taxonomy
from streams.matching.conditions import NO_DAY
from streams.matching.index import ShardIndex
from streams.matching.matter import matter_of
from streams.matching.people.columns import CHANNEL_BITS, FREQUENCIES, NO_TIME
from subscribers.addresses import PUSHED
from subscribers.model import Frequency
from subscribers.shards import IndexRow

ANCESTORS = load_taxonomy().ancestors
SPACE, EMAIL, SMS = (CHANNEL_BITS[name] for name in ("space", "email", "sms"))
ROW = IndexRow("S", 3, "enterprise", {}, True, ("space",), (("space", "space"),), ())
FULL = replace(
    ROW,
    kind="social-org",
    profile={
        "region": "310118",
        "industries": ["C39", "I65"],
        "size": "small",
        "staff": 12,
        "revenue": 10**15,
        "founded": "1969-12-31",
    },
    contacts=(("space", "space"), ("email", "c")),
    blocked=(("sms", "no_consent"), ("email", "contact_suppressed"), ("sms", "opted_out")),
    quiet_hours=(22 * 60, 7 * 60),
    frequency="weekly",
)


def figures(index: ShardIndex) -> dict[str, Any]:
    """The newest subscriber's."""
    names = ("region", "industries", "size", "kind", "quiet_from", "quiet_to", "frequency", "founded")
    masks = ("reachable", "no_consent", "suppressed", "opted_out")
    return {name: index.column(name)[-1].item() for name in (*names, *masks, "staff", "revenue")}


@pytest.mark.parametrize("built", [False, True])
def test_columns_hold_what_a_subscriber_says_of_itself(built: bool) -> None:
    index = ShardIndex(ANCESTORS)
    index.put(FULL)
    assert figures(index.compacted() if built else index) == {
        "region": 310118,
        "industries": 1 << 2 | 1 << 8,
        "size": 3,
        "kind": 3,
        "quiet_from": 1320,
        "quiet_to": 420,
        "frequency": 2,
        "founded": -1,
        "reachable": SPACE | EMAIL,
        "no_consent": SMS,
        "suppressed": EMAIL,
        "opted_out": SMS,
        "staff": 12.0,
        "revenue": 1e15,
    }


def test_what_is_not_stated_has_a_value_of_its_own() -> None:
    index = ShardIndex(ANCESTORS)
    index.put(ROW)
    found = figures(index)
    assert np.isnan(found.pop("staff"))
    assert np.isnan(found.pop("revenue"))
    assert (found["quiet_from"], found["quiet_to"], found["founded"]) == (NO_TIME, NO_TIME, NO_DAY)
    assert found["kind"] == found["reachable"] == 1
    assert not any(found[name] for name in ("region", "industries", "size", "frequency", "no_consent"))


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(KeyError, match=r"no column 'height'.*region"):
        ShardIndex(ANCESTORS).column("height")


def test_bits_of_channels_keep_their_places() -> None:
    assert [CHANNEL_BITS[name] for name in PUSHED][:4] == [1, 2, 4, 8]
    assert Frequency.__args__ == FREQUENCIES  # type: ignore[attr-defined]


def test_who_is_wanted_by_two_ways_is_counted_once_with_the_channels_of_both() -> None:
    theme = to_text({"any": [{"all": [{"theme": ["T07"]}]}]})
    row = replace(FULL, profile={}, subscriptions=(("s-1", theme, ("email", "sms")),))
    index = ShardIndex(ANCESTORS)
    index.put(row)
    wanted = index.wanted(matter_of(["theme:T07"], "", ANCESTORS))
    assert (wanted.people.tolist(), wanted.channels.tolist(), wanted.blocked.tolist()) == (
        [0],
        [SPACE | EMAIL],
        [SMS],
    )


def test_somebody_with_nowhere_to_go_is_wanted_all_the_same() -> None:
    index = ShardIndex(ANCESTORS)
    index.put(replace(ROW, contacts=()))
    matter = matter_of([], "", ANCESTORS)
    wanted = index.wanted(matter)
    assert (wanted.people.tolist(), wanted.channels.tolist(), wanted.blocked.tolist()) == ([0], [0], [SPACE])
    assert [match.routes for match in index.matches(matter) if match] == [()]


def test_a_row_that_makes_no_sense_leaves_the_subscriber_as_it_was() -> None:
    index = ShardIndex(ANCESTORS)
    index.put(ROW)
    for wrong in (
        replace(ROW, profile={"founded": "yesterday"}),
        replace(ROW, blocked=(("sms", "for no reason"),)),
        replace(ROW, subscriptions=(("s", "{", ("space",)),)),
    ):
        with pytest.raises((ValueError, KeyError)):
            index.put(wrong)
        assert [match.subscriber_id for match in index.matches(matter_of([], "", ANCESTORS)) if match] == [
            "S"
        ]
