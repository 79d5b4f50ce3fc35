"""Records of tests share what is compiled, and nothing else: their connections are those of the service."""

from pathlib import Path

from config.database.record import open_record
from config.database.sqlite import Connection


async def test_every_record_of_a_process_opens_our_connections(tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        record = open_record(f"sqlite+aiosqlite:///{tmp_path / name}.db")
        async with record.read() as conn:
            raw = await conn.get_raw_connection()
            assert isinstance(raw.driver_connection, Connection)
        await record.close()
