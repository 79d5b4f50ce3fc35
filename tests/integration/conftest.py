"""The HTTP face over a house of its own, for the tests of the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.api_world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A house on SQLite, its app and a key for every role."""
    async with open_world(tmp_path) as made:
        yield made
