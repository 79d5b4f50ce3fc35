"""What can go wrong with the embedded log, as types."""

from __future__ import annotations

import sqlite3

from faust.exceptions import ProducerSendError

_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process holds its write lock",
    "SQLITE_LOCKED": "another process holds its write lock",
    "SQLITE_READONLY": "the file or its directory is read-only",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_IOERR": "the disk reports an I/O error (a full disk can look like this)",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is not a log",
}


class LogUnavailable(ProducerSendError):
    """The embedded log could not write; the event in question was not accepted.

    Nothing that was acknowledged is lost, and the service goes on: it tries again with the next event.
    What to do: make room on the disk that holds the log (the path is in the message), give its directory
    back to the service's user, or end the other process that keeps the file locked. No restart is needed.
    A damaged file is the exception: stop the service and restore the log from the last backup.
    """

    @classmethod
    def because(cls, path: str, error: sqlite3.Error) -> LogUnavailable:
        """Translate an SQLite error into the operator's words.

        Args:
            path: The log's file.
            error: What SQLite raised.
        """
        name = str(getattr(error, "sqlite_errorname", ""))
        family = "_".join(name.split("_")[:2])
        return cls(f"log {path}: {_REASONS.get(family, 'cannot be written')} ({error})")


class UnknownTopic(ProducerSendError):
    """An event was sent to a topic or partition that does not exist.

    A mistake in the program, not on the machine: the topic was never declared (`await topic.maybe_declare()`,
    or `internal=True` on an agent's topic), or the partition number is not below the topic's partition count.
    """


class EventTooLarge(ProducerSendError):
    """An event is larger than `producer_max_request_size` (bytes) and was refused; send less or raise the limit."""
