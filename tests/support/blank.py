"""A record that has its tables and nothing else, migrated once and copied from then on."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from config.database import open_record
from config.database.migrate import migrate
from config.settings import Settings


@cache
def blank_sqlite() -> bytes:
    """The file of a migrated SQLite record."""
    with tempfile.TemporaryDirectory(prefix="zhengda-blank-") as folder:
        path = Path(folder) / "record.db"
        make_tables(f"sqlite:///{path}")
        return path.read_bytes()


def make_tables(record_url: str) -> None:
    """Migrate the record at ``record_url`` (as ZHENGDA_DATABASE takes it); no connection to it is left open."""
    with ThreadPoolExecutor(
        1
    ) as thread:  # the caller may stand in an event loop, and this needs one of its own
        thread.submit(asyncio.run, _migrated(record_url)).result()


async def _migrated(record_url: str) -> None:
    record = open_record(Settings(database=record_url).database_url)
    try:
        await migrate(record)
    finally:
        await record.close()
