"""A connection of SQLite that is cancelled at an awkward moment ends all the same."""

import asyncio
from pathlib import Path

from config.database.record import open_record

LONG = (
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000) SELECT max(x) FROM c"
)


async def test_a_query_that_is_cancelled_again_while_it_is_cleaned_up_leaves_no_task_behind(
    tmp_path: Path,
) -> None:
    record = open_record(f"sqlite+aiosqlite:///{tmp_path / 'record.db'}")

    async def ask() -> None:
        async with record.read() as conn:
            await conn.exec_driver_sql(LONG)

    asked = asyncio.create_task(ask())
    await asyncio.sleep(0.1)
    while not asked.done():  # as a task group does that is cancelled
        asked.cancel()
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    _, going = await asyncio.wait(left, timeout=60) if left else (set(), set())
    assert not going
    async with record.read() as conn:
        assert (await conn.exec_driver_sql("SELECT 1")).scalar() == 1
    await record.close()
