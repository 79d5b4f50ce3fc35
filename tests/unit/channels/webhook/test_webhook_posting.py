"""Requests that fail in a way that nobody foresaw, and servers that are more than are remembered."""

import asyncio
import time
from collections import Counter

import httpcore
import pytest

from channels.errors import UnknownOutcomeError
from channels.webhook import posting
from channels.webhook.answers import Answer
from channels.webhook.posting import Poster


async def test_what_nobody_foresaw_fails_one_request_and_not_the_batch_around_it() -> None:
    poster = Poster((), lambda: 0.5)
    # A port beyond what the system's resolver takes: it raises OverflowError.
    outcome = await poster.post(f"https://localhost:{10**22}/", [], b"{}", time.monotonic() + 5.0)
    await poster.close()
    assert isinstance(outcome, UnknownOutcomeError)
    assert outcome.reason == "unexpected OverflowError"


async def test_a_server_in_use_is_not_forgotten_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way: Counter[bytes] = Counter()
    most: Counter[bytes] = Counter()
    go_on = asyncio.Event()

    async def slow(_: Poster, target: httpcore.URL, *given: object) -> Answer:
        under_way[target.host] += 1
        most[target.host] = max(most[target.host], under_way[target.host])
        if target.host == b"slow.example":
            await go_on.wait()
        under_way[target.host] -= 1
        return Answer(204, "", "", 1)

    monkeypatch.setattr(Poster, "_request", slow)
    monkeypatch.setattr(posting, "ORIGINS", 3)
    poster, until = Poster((), lambda: 0.5), time.monotonic() + 60.0

    def post(name: str) -> asyncio.Task[object]:
        return asyncio.create_task(poster.post(f"https://{name}.example/", [], b"{}", until))

    first = [post("slow") for _ in range(posting.OF_ONE)]
    await asyncio.sleep(0)
    await asyncio.gather(*(post(f"other{n}") for n in range(5)))
    one_more = post("slow")
    await asyncio.sleep(0.05)
    go_on.set()
    assert all(isinstance(one, Answer) for one in await asyncio.gather(*first, one_more))
    assert most[b"slow.example"] == posting.OF_ONE
    assert len(poster._origins) <= 3
