"""Requests whose turn comes when the service is being stopped."""

import asyncio
import time

import pytest

from channels.webhook import posting
from channels.webhook.answers import Answer
from channels.webhook.posting import Poster
from streams.delivery.steady import uncut


async def test_of_requests_to_a_slow_endpoint_the_one_under_way_is_ended_and_no_other_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = 0

    async def slow(*given: object) -> Answer:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0.3)
        return Answer(204, "", "", 300)

    monkeypatch.setattr(Poster, "_request", slow)
    monkeypatch.setattr(posting, "OF_ONE", 1)
    poster, came = Poster((), lambda: 0.5), []

    async def work() -> None:
        until = time.monotonic() + 60.0
        posts = (poster.post("https://one.example/hook", [], b"{}", until) for _ in range(5))
        came.extend(await asyncio.gather(*posts))

    task = asyncio.create_task(uncut(work()))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun == 1
    assert [type(one) for one in came] == [Answer, *[type(None)] * 4]
