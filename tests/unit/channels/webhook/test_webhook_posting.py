"""A request that fails in a way that nobody foresaw."""

import time

from channels.errors import UnknownOutcomeError
from channels.webhook.posting import Poster


async def test_what_nobody_foresaw_fails_one_request_and_not_the_batch_around_it() -> None:
    poster = Poster((), lambda: 0.5)
    # A port beyond what the system's resolver takes: it raises OverflowError.
    outcome = await poster.post(f"https://localhost:{10**22}/", [], b"{}", time.monotonic() + 5.0)
    await poster.close()
    assert isinstance(outcome, UnknownOutcomeError)
    assert outcome.reason == "unexpected OverflowError"
