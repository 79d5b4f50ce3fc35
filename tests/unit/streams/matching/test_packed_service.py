"""The packed index in a service: compiled once, mapped from files, asked by one thread while another changes it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from streams.matching import packed as package
from streams.matching.packed import Columns, Packed, warm_up
from tests.support.kernels import variants

ROOT = Path(package.__file__).parents[3]
SOME = [(i, [(((i % 50, 50 + i % 7), (60 + i % 3,), (70, 71 + i % 2)), (80 + i % 5,))]) for i in range(1_000)]
ASKED = np.array([1, 2, 3, 50, 51, 60, 61, 70, 80], np.uint32)


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    warm_up()


def run(code, **environment):
    """Run a program of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout.split()


def test_importing_compiles_nothing_and_warming_up_compiles_everything():
    said = run(
        "from streams.matching.packed import warm_up\n"
        "from tests.support.kernels import variants\n"
        "print(len(variants()), sum(variants()))\n"
        "warm_up()\n"
        "print(*set(variants()))\n"
    )
    assert said == [str(len(variants())), "0", "1"]


def test_no_kernel_is_compiled_for_a_second_kind_of_array(tmp_path):
    index = Packed.build(Columns.of(SOME), np.ones(90))
    for name, values in index.arrays().items():
        np.save(tmp_path / f"{name}.npy", values)
    for mode in (None, "r", "c"):
        opened = Packed.of_arrays({file.stem: np.load(file, mmap_mode=mode) for file in tmp_path.iterdir()})
        opened.add(5_000, SOME[0][1])
        opened.remove(3)
        read_only = np.array(ASKED)
        read_only.flags.writeable = False
        for asked in (ASKED, read_only, ASKED[::2], ASKED.astype(np.int64)):
            opened.match(asked)
        for anew in (False, True):
            opened.compacted(np.ones(90), anew=anew).compacted()
    assert set(variants()) == {1}


def test_a_snapshot_is_used_where_it_lies(tmp_path):
    index = Packed.build(Columns.of(SOME))
    index.remove(0)
    index.add(2_000, SOME[0][1])
    for name, values in index.arrays().items():
        np.save(tmp_path / f"{name}.npy", values)
    maps = {file.stem: np.load(file, mmap_mode="r") for file in tmp_path.iterdir()}
    opened = Packed.of_arrays(maps)
    assert np.shares_memory(opened.arrays()["base_words"], maps["base_words"])
    assert sorted(opened.match(ASKED)) == sorted(index.match(ASKED))
    assert (len(opened), opened.delta) == (1_000, 1)
    opened.remove(1)
    opened.add(2_001, SOME[1][1])
    after = set(opened.match(ASKED).tolist())
    assert after - {2_001} == set(index.match(ASKED).tolist()) - {1}
    assert 2_001 in after


def test_where_nothing_can_be_cached_it_is_compiled_all_the_same(tmp_path):
    locked = tmp_path / "file"
    locked.write_text("not a directory")
    said = run(
        "import numpy as np\n"
        "from streams.matching.packed import compiled\n"
        "@compiled.kernel\n"
        "def double(values):\n"
        "    return values * 2\n"
        "print(*double(np.array([1, 2])))\n",
        NUMBA_CACHE_DIR=str(locked / "below"),
        HOME=str(locked),
        XDG_CACHE_HOME=str(locked),
    )
    assert "kernel.not_kept" in " ".join(said)
    assert said[-2:] == ["2", "4"]


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("left", [0, 100])
def test_a_cache_that_was_torn_is_compiled_past(tmp_path, kind, left):
    code = (
        "import numpy as np\n"
        "from streams.matching.packed import ranking\n"
        "from streams.matching.packed.base import EMPTY\n"
        "print(ranking.ranks_of(3, EMPTY, np.empty(0, np.uint32), None)[0])\n"
    )
    run(code, NUMBA_CACHE_DIR=str(tmp_path))
    kept = list(tmp_path.rglob(f"*.{kind}"))
    assert kept
    for file in kept:
        file.write_bytes(file.read_bytes()[:left])
    said = run(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert "kernel.not_kept" in " ".join(said)
    assert said[-1] == "inf"


def test_changes_beside_questions_and_compactions_are_seen_whole():
    index = Packed.build(Columns.of(SOME))
    steady = set(index.match(ASKED).tolist())
    stop = threading.Event()
    wrong = []

    def ask():
        while not stop.is_set():
            found = index.match(ASKED).tolist()
            if len(found) != len(set(found)) or not steady - {1} <= set(found):
                wrong.append(found)
            kept = index.compacted()
            found = set(kept.match(ASKED).tolist())
            if not steady - {1} <= found or len(kept) < len(SOME) - 1:
                wrong.append(found)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for number in range(2_000, 6_000):
        index.add(number, SOME[number % 1_000][1])
        if number % 2:
            index.remove(number)
    stop.set()
    for thread in asking:
        thread.join()
    assert wrong == []
    assert len(index) == len(SOME) + 2_000


def test_changes_made_during_a_compaction_are_made_again_without_harm():
    index = Packed.build(Columns.of(SOME))
    index.add(1_000, [((), ())])
    index.add(1_001, [((), ())])
    index.remove(1_001)
    compacted = index.compacted()
    for again in range(2):  # whichever of them the compaction had seen
        compacted.add(1_000, [((), ())])
        if not again:
            compacted.add(1_001, [((), ())])
        compacted.remove(1_001)
        compacted.remove(5)
    index.remove(5)
    assert sorted(compacted.match(ASKED)) == sorted(index.match(ASKED))
    assert len(compacted) == len(index)
