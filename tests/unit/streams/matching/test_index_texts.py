"""Texts, ids and keywords in flat arrays are what was put in."""

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.arrays.texts import Lookup, Texts, starts_of, sums_of
from streams.matching.people.names import Names
from streams.matching.queries import keywords
from streams.matching.queries.keywords import Keywords

texts = st.lists(st.text(max_size=8))
names = st.lists(
    st.none()
    | st.uuids().map(str)
    | st.sampled_from(["space", "c-1", "", "0F5B7A1E-62D5-5E0B-8C1D-000000000001"])
    | st.sampled_from(["ffffffff-ffff-ffff-ffff-ffffffffffff", "ffffffff-ffff-ffff-0000-000000000000"])
)


@given(one=texts, other=texts, data=st.data())
def test_texts_come_back_joined_taken_and_emptied(
    one: list[str], other: list[str], data: st.DataObject
) -> None:
    both = Texts.join([Texts.of(one), Texts.of(other)])
    assert list(both) == one + other
    which = data.draw(st.lists(st.integers(0, len(both) - 1)) if len(both) else st.just([]))
    at = np.array(which, np.int64)
    assert list(both.take(at)) == both.listed(at) == [both[n] for n in which]
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(both), max_size=len(both))), np.bool_)
    assert list(both.emptied(keep)) == [
        text if kept else "" for text, kept in zip(both, keep.tolist(), strict=True)
    ]


@given(held=texts, asked=st.text(max_size=8))
def test_a_text_is_found_where_it_stands_and_nowhere_else(held: list[str], asked: str) -> None:
    lookup = Lookup.of(Texts.of(held), sums_of(held))
    for text in (*held, asked):
        found = lookup.find(text)
        assert held[found] == text if text in held else found == -1


def test_two_texts_of_one_checksum_are_told_apart() -> None:
    held = ["plumless", "buckeroo"]
    assert len(set(sums_of(held).tolist())) == 1
    lookup = Lookup.of(Texts.of(held), sums_of(held))
    assert [lookup.find(text) for text in held] == [0, 1]


def test_what_does_not_fit_into_one_shard_is_said_instead_of_going_round() -> None:
    with pytest.raises(OverflowError, match="use more shards"):
        starts_of([1 << 31, 1 << 31])


@given(one=names, other=names, data=st.data())
def test_names_come_back_joined_and_taken(
    one: list[str | None], other: list[str | None], data: st.DataObject
) -> None:
    both = Names.join([Names.of(one), Names.of(other)])
    assert both.listed(np.arange(len(both))) == one + other
    which = data.draw(st.lists(st.integers(0, len(both) - 1)) if len(both) else st.just([]))
    taken = Names.join([both.take(np.array(which, np.int64))])
    assert taken.listed(np.arange(len(taken))) == [(one + other)[n] for n in which]
    assert len(taken.odd) <= len(set(which))  # what nobody names any more is left behind


def test_a_uuid_takes_sixteen_bytes() -> None:
    held = Names.of([str(UUID(int=n)) for n in range(100)])
    assert sum(array.nbytes for array in held.arrays("x").values()) <= 100 * 16 + 4


@given(
    words=st.lists(st.text("首版次AIai软件", min_size=1, max_size=4), unique=True),
    text=st.text("首版次AIai软件。", max_size=30),
    loose=st.integers(1, 4),
)
def test_every_keyword_that_occurs_is_found_and_no_other(words: list[str], text: str, loose: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keywords, "LOOSE", loose)
        found = Keywords()
        for number, word in enumerate(words):
            assert found.find(word) is None
            found.add(word, number)
        settled = found.settled()
        again = Keywords.of_arrays(settled.arrays())
        for one in (found, settled, again):
            assert sorted(one.found(text)) == [n for n, word in enumerate(words) if word in text]
            assert [one.find(word) for word in words] == list(range(len(words)))
            assert dict(one) == {word: number for number, word in enumerate(words)}
