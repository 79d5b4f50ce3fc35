"""Whether, where and how old the snapshots of the matching index are."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

from config.clock import Clock
from service.check import Check


def check_index(directory: Path | None, clock: Clock) -> Check:
    """Where snapshots of the index lie, how large and how old they are; without them a start only takes longer."""
    from streams.matching.keeping.shelf import (
        lying,
    )  # here, because it brings the compiler along, which takes a while

    name = "index"
    if directory is None:
        return Check(name, "ok", "no snapshots are kept: each start of a worker reads all subscribers")
    if not _writable(directory):
        told = f"{directory} cannot be written: each start of a worker reads all subscribers"
        return Check(name, "warning", told, "set ZHENGDA_INDEX_DIR to a directory of the service's own")
    kept = lying(directory)
    if not kept:
        return Check(name, "ok", f"no snapshots in {directory} yet: shards below 1,000 subscribers need none")
    oldest = clock.now() - min(one.written_at for one in kept)
    size = sum(one.bytes for one in kept) / 2**20
    count = "1 snapshot" if len(kept) == 1 else f"{len(kept)} snapshots"
    detail = f"{count} in {directory}, {size:.1f} MiB, the oldest from {_span(oldest)} ago"
    return Check(name, "ok", detail)


def _writable(directory: Path) -> bool:
    """Whether it is there, or could be made, and files can be put into it."""
    there = next(one for one in (directory, *directory.parents) if one.exists())
    try:
        with TemporaryFile(dir=there):
            return True
    except OSError:
        return False


def _span(length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60
    return f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else f"{minutes} minutes"
