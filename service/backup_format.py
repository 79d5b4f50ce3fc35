"""What a backup holds, and how a row is written down so that SQLite and PostgreSQL read the same.

A backup is a ``.tar.gz``: ``manifest.json``, ``tables/<name>.jsonl`` in the order of their foreign keys, and, where
the log is embedded, ``log.db``. Bytes are base64, moments ISO 8601 in UTC.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import JSON, LargeBinary, Table, bindparam, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import Insert

from config.clock import aware
from config.database.types import Moment

FORMAT = 1
MANIFEST = "manifest.json"
LOG = "log.db"

# Where a JSON column is empty it is SQL's NULL, not JSON's null: queries ask for IS NULL.
_NULLABLE_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class BackupError(Exception):
    """A backup cannot be written or read; the message says why and what to do. The service's data was not changed."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup.

    Attributes:
        created: when the record was read, ISO 8601.
        revision: of the database schema (alembic); None where the tables were made without migrations.
        counts: rows by table.
        key_prints: fingerprints of the master keys in use, newest first; never the keys.
        has_log: whether the embedded log is in it.
    """

    created: str
    revision: str | None
    counts: Mapping[str, int]
    key_prints: list[str] = field(default_factory=list)
    has_log: bool = False
    format: int = FORMAT

    def dump(self) -> bytes:
        """Return it as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def load(cls, raw: bytes) -> "Manifest":
        """Read it.

        Raises:
            BackupError: it is none, or of a later format.
        """
        try:
            content = orjson.loads(raw)
            if content["format"] != FORMAT:
                raise BackupError(
                    f"the backup has format {content['format']}, this version reads {FORMAT}: update first"
                )
            return cls(**content)
        except (ValueError, KeyError, TypeError) as exc:
            raise BackupError(
                f"{MANIFEST} is broken: this is no backup of Zhengda, or it was damaged"
            ) from exc

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(self.counts.values())


def member(table: Table) -> str:
    """Return the name of a table's file in the archive."""
    return f"tables/{table.name}.jsonl"


def encoder(table: Table) -> Callable[[Sequence[Any]], bytes]:
    """Return what turns a row of ``table``, its columns in their order, into a line."""
    # SQLAlchemy names some columns by a subclass of str, which orjson does not take as a key.
    names = [str(column.name) for column in table.columns]
    special: list[tuple[int, Callable[[Any], Any]]] = []
    for index, column in enumerate(table.columns):
        if isinstance(column.type, LargeBinary):
            special.append((index, lambda value: base64.b64encode(value).decode()))
        elif isinstance(column.type, Moment):
            special.append((index, lambda value: aware(value).isoformat()))

    def encode(row: Sequence[Any]) -> bytes:
        values = list(row)
        for index, plain in special:
            if values[index] is not None:
                values[index] = plain(values[index])
        return orjson.dumps(dict(zip(names, values, strict=True)), option=orjson.OPT_APPEND_NEWLINE)

    return encode


def decoder(table: Table) -> Callable[[bytes], dict[str, Any]]:
    """Return what turns a line into a row of ``table``."""
    special: dict[str, Callable[[Any], Any]] = {}
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            special[column.name] = base64.b64decode
        elif isinstance(column.type, Moment):
            special[column.name] = datetime.fromisoformat

    def decode(line: bytes) -> dict[str, Any]:
        row = orjson.loads(line)
        return {
            str(name): special[name](value) if value is not None and name in special else value
            for name, value in row.items()
        }

    return decode


def insertion(table: Table, columns: list[str]) -> Insert:
    """Return the INSERT of ``columns`` into ``table`` that keeps empty JSON empty."""
    values = {
        name: bindparam(
            name, type_=_NULLABLE_JSON if isinstance(table.c[name].type, JSON) else table.c[name].type
        )
        for name in columns
    }
    return insert(table).values(values)
