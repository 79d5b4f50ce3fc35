"""Where a worker keeps its shards' snapshots: one a shard, whole or not at all, and used only when it is beyond doubt.

A snapshot is a directory: ``index/`` (`ShardIndex.save`), ``held/`` (`Held.arrays`), and ``shelf.json``, which says
what it is of and gives every file's checksum. The arrays are mapped into memory and walked by compiled code: a flipped
bit would be a wrong recipient or a crash, so all of it is summed up before it is used.
"""

import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import orjson

from config.logging import get_logger
from streams.matching.index import ShardIndex
from streams.matching.keeping import snapshot
from streams.matching.keeping.held import Held
from streams.matching.keeping.snapshot import SnapshotError
from streams.matching.matter import Ancestors

log = get_logger(__name__)

FORMAT = 1  # raised whenever what a subscriber's row means to the index changes
MANIFEST = "shelf.json"
LEAST = 1_000  # subscribers; a smaller shard is read from the record before anybody notices
ABANDONED_S = 3600.0  # so old, what is half written has nobody writing it any more
PIECE = 1 << 22  # bytes summed up at a time

# The heads of arrays are read by Python's own parser, which up to 3.11.7 fails now and then where two threads use it
# (SystemError, CPython's issue 106905).
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Lying:
    """A snapshot as it lies there: of which shard, how large (bytes), and when it was written (UTC)."""

    shard: int
    bytes: int
    written_at: datetime


class Shelf:
    """The snapshots below a directory. Its methods wait for the disk: they are for a thread.

    Args:
        directory: made when the first snapshot is written.
        origin: what all of them must be of, as JSON: the installation, the program, the number of shards.
        least: a shard with fewer subscribers is not kept.
    """

    def __init__(self, directory: Path, origin: Mapping[str, Any], *, least: int = LEAST) -> None:
        self.directory, self.least = directory, least
        self._origin = {"format": FORMAT, **origin}

    def keeps(self, held: Held) -> bool:
        """Whether a shard is large enough."""
        return len(held.versions) + len(held.new) >= self.least

    def put(self, shard: int, index: ShardIndex, held: Held) -> bool:
        """Keep a shard in place of what was kept of it; a disk that does not take it is no harm.

        Args:
            shard: its number.
            index: freshly built anew, changed or asked by nobody meanwhile.
            held: of it, or of any time before, without anybody new.

        Returns:
            Whether it was written.
        """
        if not self.keeps(held):
            return False
        new = self.directory / f".{_name(shard)}.{uuid4().hex}"
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            new.mkdir(mode=0o700)
            index.save(new / "index")
            snapshot.save(new / "held", held.arrays(), {})
            manifest = {**self._origin, "shard": shard, "written_at": time.time(), "sums": _sums(new)}
            (new / MANIFEST).write_bytes(orjson.dumps(manifest))
            self._replace(shard, new)
        except OSError as exc:
            log.warning("snapshot.not_written", shard=shard, why=str(exc)[:300])
            return False
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return True

    def take(self, shard: int, ancestors: Ancestors) -> tuple[ShardIndex, Held] | None:
        """Return a shard as it was kept; None where it is not, or cannot be used, which is told and removed."""
        place = self.directory / _name(shard)
        if not place.is_dir():
            return None
        try:
            self._check(shard, place)
            with _ONE_AT_A_TIME:
                index = ShardIndex.open(place / "index", ancestors)
                arrays, _ = snapshot.mapped(place / "held")
                held = Held.of_arrays(arrays)
        except (SnapshotError, OSError, SystemError) as exc:
            log.warning(
                "snapshot.not_used", shard=shard, why=str(exc)[:300], then="it is read from the record"
            )
            self.drop(shard)
            return None
        return index, held.copy()  # those mapped are not to be written to

    def drop(self, shard: int) -> None:
        """Keep a shard no longer."""
        shutil.rmtree(self.directory / _name(shard), ignore_errors=True)

    def _replace(self, shard: int, new: Path) -> None:
        place, old = self.directory / _name(shard), self.directory / f".{_name(shard)}.{uuid4().hex}"
        if place.exists():
            place.rename(old)  # a crash here leaves none: the next start reads the record
        try:
            new.rename(place)
        finally:
            shutil.rmtree(old, ignore_errors=True)

    def _sweep(self) -> None:
        for left in self.directory.glob(".shard-*"):
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)

    def _check(self, shard: int, place: Path) -> None:
        try:
            manifest = orjson.loads((place / MANIFEST).read_bytes())
        except orjson.JSONDecodeError as exc:
            raise SnapshotError(f"{place / MANIFEST} is damaged") from exc
        wanted = {**self._origin, "shard": shard}
        if not isinstance(manifest, dict) or any(
            manifest.get(name) != value for name, value in wanted.items()
        ):
            raise SnapshotError(f"{place} is of another installation, program or shard")
        if manifest.get("sums") != _sums(place):
            raise SnapshotError(f"{place} is not as it was written")


def lying(directory: Path) -> list[Lying]:
    """Return the snapshots below a directory, by shard; none where there is no such directory."""
    return sorted(_lying(directory), key=lambda one: one.shard)


def _lying(directory: Path) -> Iterator[Lying]:
    for place in directory.glob("shard-*"):
        try:
            manifest = orjson.loads((place / MANIFEST).read_bytes())
            size = sum(file.stat().st_size for file in _files(place))
            written_at = datetime.fromtimestamp(manifest["written_at"], UTC)
            yield Lying(int(manifest["shard"]), size, written_at)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # replaced at this moment, or damaged, which its reader will tell


def _name(shard: int) -> str:
    return f"shard-{shard:04}"


def _files(place: Path) -> list[Path]:
    return sorted(file for file in place.rglob("*") if file.is_file() and file.name != MANIFEST)


def _sums(place: Path) -> dict[str, int]:
    return {str(file.relative_to(place)): _sum(file) for file in _files(place)}


def _sum(file: Path) -> int:
    value = 0
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            value = zlib.crc32(piece, value)
    return value
