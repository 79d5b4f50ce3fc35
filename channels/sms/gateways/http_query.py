"""Asking a cloud about many texts at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from channels.errors import TransportError
from channels.heard import FarReport
from channels.sms.gateways.gateway import Sent

Look = Callable[[Sent], Awaitable[FarReport | None]]


async def looked_up(sent: Sequence[Sent], look: Look) -> list[FarReport]:
    """Return what ``look`` finds about each text; what it cannot ask about now is asked about another time.

    Raises:
        TransportError: nothing could be asked at all.
    """
    answers = await asyncio.gather(*(_either(look, one) for one in sent))
    failures = [answer for answer in answers if isinstance(answer, TransportError)]
    if failures and len(failures) == len(answers):
        raise failures[0]
    return [answer for answer in answers if isinstance(answer, FarReport)]


async def _either(look: Look, sent: Sent) -> FarReport | TransportError | None:
    try:
        return await look(sent)
    except TransportError as error:
        return error
