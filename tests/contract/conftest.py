"""A record and the flow upon it, on either database, for the contracts of the record and of the steps."""

from collections.abc import AsyncIterator

import pytest

from config.database import Record, open_record
from config.settings import Settings
from tests.support.flow import Flow, open_flow


@pytest.fixture
async def record(record_url: str) -> AsyncIterator[Record]:
    """An open record with its tables and nothing in them."""
    opened = open_record(Settings(database=record_url).database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    """A house with one agency upon such a record, and nobody subscribed."""
    async with open_flow(record_url) as opened:
        yield opened
