"""Asking a cloud about many texts at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from channels.errors import TemporaryError, TransportError
from channels.heard import FarReport
from channels.standing import Sent
from config.logging import get_logger

log = get_logger(__name__)

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
    except Exception as exc:  # noqa: BLE001 - the far side's answer has another shape than any that is known
        log.error("sms.answer_not_understood", error=type(exc).__name__)
        return TemporaryError(f"an answer of another shape ({type(exc).__name__})")
