"""Messages that are written together: all of them durable, in their order, or refused."""

from pathlib import Path

import pytest
from faust.types import TP

from streams.app import Streams
from streams.log import LogUnavailable, Message
from streams.names import SUBSCRIPTION_CHANGES
from streams.transport.store import Log


def _streams(folder: Path) -> Streams:
    return Streams(f"embedded://{folder}/log.db", 2, folder, consuming=False)


async def test_messages_written_together_keep_their_order_in_each_partition(tmp_path: Path) -> None:
    streams = _streams(tmp_path)
    await streams.start()
    messages = [Message(number % 2, f"k{number}".encode(), str(number).encode()) for number in range(600)]
    await streams.produce_all(SUBSCRIPTION_CHANGES, messages)
    log = Log(f"{tmp_path}/log.db")  # another reader: they are on the disk already
    found = [log.read(TP(SUBSCRIPTION_CHANGES, shard), 0, 1000, 10**6) for shard in range(2)]
    log.close()
    await streams.stop()
    for shard, records in enumerate(found):
        assert [int(record.value or b"") for record in records] == list(range(shard, 600, 2))


async def test_a_log_that_is_closed_refuses_them_all(tmp_path: Path) -> None:
    streams = _streams(tmp_path)
    await streams.start()
    await streams.stop()
    with pytest.raises(LogUnavailable, match="did not confirm"):
        await streams.produce_all(SUBSCRIPTION_CHANGES, [Message(0, b"k", b"v")])
