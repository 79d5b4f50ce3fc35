"""The number of shards is fixed by the first start."""

import pytest
from sqlalchemy import select

from config.database.record import Record
from config.database.schema import installation
from service.house import SHARDS, ShardsChanged, insist_on_shards


async def test_the_first_start_fixes_the_number_and_the_next_ones_agree(record: Record) -> None:
    for _ in range(2):
        await insist_on_shards(record, 16)
        async with record.read() as conn:
            assert await conn.scalar(select(installation.c.value).filter_by(name=SHARDS)) == "16"


async def test_another_number_is_refused_and_does_not_become_the_right_one(record: Record) -> None:
    await insist_on_shards(record, 16)
    for _ in range(2):
        with pytest.raises(ShardsChanged, match=r"ZHENGDA_SHARDS is 8, .* first started with 16"):
            await insist_on_shards(record, 8)
    await insist_on_shards(record, 16)
