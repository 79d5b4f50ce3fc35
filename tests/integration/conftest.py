"""A record and the flow upon it, and the HTTP face over a house of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from config.database import Record, open_record
from config.settings import Settings
from service.smtp_server import address_of
from tests.servers.api_world import World, open_world
from tests.servers.bounce_world import Receiver
from tests.servers.ports import free_port
from tests.servers.webhook_receiver import WebhookReceiver, webhook_receiver
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


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A house on SQLite, its app and a key for every role."""
    async with open_world(tmp_path) as made:
        yield made


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """An endpoint that takes what the webhook channel sends it, or answers as it is told."""
    async with webhook_receiver() as found:
        yield found


@pytest.fixture
async def receiver_at(flow: Flow) -> AsyncIterator[Callable[..., Awaitable[Receiver]]]:
    """Opens a receiver of bounces beside the flow, at an address or a free port; all end with the test."""
    async with AsyncExitStack() as stack:

        async def opened(url: str = "") -> Receiver:
            found = Receiver(flow, address_of(url or f"smtp://127.0.0.1:{free_port()}"))
            await found.listener.open()
            stack.push_async_callback(found.listener.close)
            return found

        yield opened
