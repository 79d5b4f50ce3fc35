"""The embedded log in a backup: copied while it is written to, and set back to where the record stands.

The record and the log are two files and cannot be read at one moment. So the groups' progress is noted first, then the
record is read, then the log is copied and the noted progress put into the copy. After a restore the log knows every
event that the record knows, and what was worked off in between is worked off again, harmless by unique keys.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from config.settings import Settings

Progress = dict[tuple[str, int], int]
SCHEME = "embedded://"


def log_path(settings: Settings) -> Path | None:
    """Return the embedded log's file; None where the log is Kafka's, which keeps its own copies."""
    url = settings.broker_url
    return Path(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None


def read_progress(path: Path) -> Progress:
    """Return (group, partition id) → the offset that the group reads next."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as log:
        if not log.execute("SELECT 1 FROM sqlite_master WHERE name = 'progress'").fetchone():
            return {}
        return {
            (group, part): following
            for group, part, following in log.execute("SELECT grp, part, next FROM progress")
        }


def copy_log(source: Path, target: Path, progress: Progress) -> None:
    """Copy the log to ``target`` by SQLite's online backup, with the groups where ``progress`` says.

    Args:
        source: the log, which may be in use.
        target: a new file.
        progress: from before the record was read; a group that is missing in it starts from the beginning.
    """
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as log,
        closing(sqlite3.connect(target)) as copy,
    ):
        log.backup(copy)
        # One plain file: in WAL mode a part of the copy would lie beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'progress'").fetchone():
            with copy:
                copy.execute("UPDATE progress SET next = 0")
                copy.executemany(
                    "UPDATE progress SET next = ? WHERE grp = ? AND part = ?",
                    [(following, group, part) for (group, part), following in progress.items()],
                )
