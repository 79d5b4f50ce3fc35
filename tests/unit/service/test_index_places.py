"""Where the index's snapshots and machine code are kept, and what the doctor says of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from config.clock import ManualClock
from config.settings import Settings, load_settings
from service.index_check import check_index
from service.kernels import cache_directory

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_snapshots_lie_in_the_data_directory_or_where_it_is_said_or_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings(data=tmp_path).index_directory == tmp_path / "index"
    monkeypatch.setenv("ZHENGDA_INDEX_DIR", str(tmp_path / "fast"))
    assert load_settings().index_directory == tmp_path / "fast"
    monkeypatch.setenv("ZHENGDA_INDEX_DIR", "off")
    assert load_settings().index_directory is None


def test_machine_code_goes_to_the_data_directory_only_where_nothing_else_is_said_or_can_be_written(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "data")
    assert cache_directory(settings, {}, program=tmp_path) is None
    nowhere = Path("/proc/zhengda")
    assert cache_directory(settings, {}, program=nowhere) == tmp_path / "data" / "kernels"
    assert cache_directory(settings, {"NUMBA_CACHE_DIR": "/var/cache"}, program=nowhere) is None


def test_the_doctor_says_how_many_snapshots_there_are_how_large_and_how_old(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    assert "no snapshots are kept" in check_index(None, clock).detail
    assert "yet" in check_index(tmp_path / "none", clock).detail
    for shard, hours in ((0, 50), (3, 1)):
        place = tmp_path / f"shard-{shard:04}"
        place.mkdir()
        (place / "array.npy").write_bytes(bytes(2**20))
        manifest = {"shard": shard, "written_at": (NOW - timedelta(hours=hours)).timestamp()}
        (place / "shelf.json").write_bytes(orjson.dumps(manifest))
    (tmp_path / "shard-0009").mkdir()  # damaged: its reader will tell
    check = check_index(tmp_path, clock)
    assert (check.name, check.status) == ("index", "ok")
    assert check.detail == f"2 snapshots in {tmp_path}, 2.0 MiB, the oldest from 2 days ago"


def test_the_doctor_warns_of_a_place_where_no_snapshot_can_lie(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for nowhere in (tmp_path / "file" / "index", Path("/proc/none/index")):
        check = check_index(nowhere, ManualClock(NOW))
        assert (check.status, "cannot be written" in check.detail) == ("warning", True)
        assert "ZHENGDA_INDEX_DIR" in check.advice
