"""An index on disk: whole or not at all, and never mistaken for another one."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from config.taxonomies import load_taxonomy
from streams.matching.index import ShardIndex, SnapshotError
from streams.matching.keeping import snapshot
from streams.matching.matter import matter_of
from subscribers.shards import IndexRow

ANCESTORS = load_taxonomy().ancestors
ROW = IndexRow("S", 3, "enterprise", {}, True, ("space",), (("space", "space"),), ())
ANYTHING = matter_of([], "", ANCESTORS)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = ShardIndex(ANCESTORS)
    index.put(ROW)
    index.save(tmp_path / "0", {"offset": 7})
    return tmp_path / "0"


def found_by(index: ShardIndex) -> list[str]:
    return [match.subscriber_id for match in index.matches(ANYTHING) if match]


def test_what_was_saved_is_opened_with_its_note_and_goes_on(saved: Path) -> None:
    index = ShardIndex.open(saved, ANCESTORS)
    assert (index.note, found_by(index), len(index)) == ({"offset": 7}, ["S"], 1)
    index.remove("S")
    assert found_by(index) == []
    assert found_by(ShardIndex.open(saved, ANCESTORS)) == ["S"]


def test_an_index_of_nobody_is_saved_and_opened(tmp_path: Path) -> None:
    ShardIndex(ANCESTORS).save(tmp_path / "0")
    index = ShardIndex.open(tmp_path / "0", ANCESTORS)
    assert (len(index), found_by(index), index.note) == (0, [], {})
    index.put(ROW)
    assert found_by(index) == ["S"]


def test_only_the_owner_may_read_it(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in saved.iterdir()} == {0o600}


def test_it_takes_the_place_of_the_one_before_which_goes_on_where_it_is_open(saved: Path) -> None:
    before = ShardIndex.open(saved, ANCESTORS)
    ShardIndex(ANCESTORS).save(saved)
    assert found_by(before) == ["S"]
    assert found_by(ShardIndex.open(saved, ANCESTORS)) == []
    assert [entry.name for entry in saved.parent.iterdir()] == ["0"]


def test_one_that_cannot_be_written_leaves_the_one_before(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def full(file: int) -> None:
        written.append(file)
        if len(written) > 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ShardIndex(ANCESTORS).save(saved)
    assert [entry.name for entry in saved.parent.iterdir()] == ["0"]
    assert found_by(ShardIndex.open(saved, ANCESTORS)) == ["S"]


def _shorten(saved: Path) -> None:
    file = saved / "figures.npy"
    file.write_bytes(file.read_bytes()[:-1])


def _lose_a_file(saved: Path) -> None:
    (saved / "ids.heap.npy").unlink()


def _scribble(saved: Path) -> None:
    file = saved / "figures.npy"
    file.write_bytes(b"\0" * file.stat().st_size)


def _head(saved: Path, **changes: Any) -> None:
    head = orjson.loads((saved / "head.json").read_bytes())
    (saved / "head.json").write_bytes(orjson.dumps(head | changes))


def _lack_an_array(saved: Path) -> None:
    sizes = orjson.loads((saved / "head.json").read_bytes())["sizes"]
    _head(saved, sizes={name: size for name, size in sizes.items() if name != "wishes.bits"})


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_shorten, "not as long as it was written"),
        (_lose_a_file, "cannot be read"),
        (_scribble, "cannot be read"),
        (lambda saved: _head(saved, format=0), "another version of the program"),
        (lambda saved: _head(saved, taxonomy="0"), "another version of the taxonomy"),
        (lambda saved: _head(saved, subscribers=2), "not 2"),
        (_lack_an_array, "lacks something"),
        (lambda saved: (saved / "head.json").write_bytes(b"{"), "no snapshot"),
        (lambda saved: (saved / "head.json").unlink(), "no snapshot"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_the_reason(
    saved: Path, harm: Callable[[Path], object], told: str
) -> None:
    harm(saved)
    with pytest.raises(SnapshotError, match=told):
        ShardIndex.open(saved, ANCESTORS)


def test_arrays_stay_in_their_files(saved: Path) -> None:
    arrays, _ = snapshot.mapped(saved)
    assert all(not array.flags.writeable for array in arrays.values())
    assert all(isinstance(array.base, np.memmap) for array in arrays.values())
