"""The record: engine, tables, migrations."""

from config.database.record import Record, open_record
from config.database.schema import metadata

__all__ = ["Record", "metadata", "open_record"]
