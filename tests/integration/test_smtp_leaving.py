"""A batch of mails that is asked to end while a slow server takes it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from channels.channel import Outcome
from channels.email import EmailChannel, SmtpServer
from channels.errors import NotBegunError
from channels.message import Receipt
from streams.delivery.steady import uncut
from tests.servers.messages import message
from tests.servers.smtp_sink import RecordingSink


async def test_the_mail_under_way_is_ended_and_no_other_begun(tmp_path: Path) -> None:
    sink = RecordingSink(tmp_path / "sink", delay_s=0.5)
    sink.start()
    channel = EmailChannel(SmtpServer.from_url(sink.url), "push@example.gov.cn", connections=1)
    outcomes: list[Sequence[Outcome]] = []

    async def work() -> None:
        outcomes.append(await channel.send([message(n) for n in range(6)]))

    try:
        task = asyncio.create_task(uncut(work()))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    finally:
        await channel.close()
        sink.close()
    assert [type(one) for one in outcomes[0]] == [Receipt, *[NotBegunError] * 5]
