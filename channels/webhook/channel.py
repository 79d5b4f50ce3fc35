"""The webhook channel: each message a signed POST to the recipient's own endpoint, which has proved itself before."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TemporaryError, ThrottledError, TransportError
from channels.message import Message
from channels.webhook.answers import Answer, outcome_of
from channels.webhook.endpoints import Attempt, Endpoint, Where, endpoints, note
from channels.webhook.payload import payload, test_payload
from channels.webhook.posting import Poster
from channels.webhook.signing import Derive, signed_headers
from config.clock import Clock
from config.database.record import Record
from config.logging import get_logger

log = get_logger(__name__)

BATCH_S = 120.0  # what has not begun by then waits for the next round: no claim is kept for ever
SHOWN = 300  # characters of an answer that are kept


@dataclass(frozen=True)
class Tested:
    """What came of a test event.

    Attributes:
        webhook_id: it went out under.
        answer: of the endpoint; None where none came.
        failure: why it proved nothing; None where it was answered by 2xx.
        repeated: whether the answer held the challenge: whoever answers has read what was sent.
    """

    webhook_id: str
    answer: Answer | None
    failure: TransportError | None
    repeated: bool


@dataclass
class _Round:
    """One batch on its way: until when it may begin requests, and what came of them."""

    until: float
    attempts: list[Attempt] = field(default_factory=list)
    verified: list[Endpoint] = field(default_factory=list)


class WebhookChannel:
    """Signed requests to endpoints of subscribers; their URLs appear in no log line and in no reason."""

    name = "webhook"

    def __init__(self, record: Record, poster: Poster, derive: Derive, real_clock: Clock) -> None:
        """Nothing is opened here.

        Args:
            record: holds what is known of the endpoints.
            poster: sends.
            derive: makes the secrets.
            real_clock: far sides compare its time with their own.
        """
        self._record = record
        self._poster = poster
        self._derive = derive
        self._clock = real_clock

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`. An endpoint that has not proved itself gets a test event first."""
        if not batch:
            return []
        try:
            known = await self._endpoints([(one.subscriber_id, one.address) for one in batch])
        except Exception as exc:  # noqa: BLE001 - drivers raise classes of their own while a server starts or stops
            return [TemporaryError(f"the record is away: {type(exc).__name__}") for _ in batch]
        this = _Round(time.monotonic() + BATCH_S)
        unproved = {where: one for where, one in known.items() if one.verified_at is None}
        tested = await asyncio.gather(*(self._prove(this, *pair) for pair in unproved.items()))
        barred = {where: no for where, no in zip(unproved, tested, strict=True) if no is not None}
        outcomes = await asyncio.gather(*(self._one(this, message, known, barred) for message in batch))
        await self._note(this)
        return outcomes

    async def test(self, subscriber_id: str, url: str) -> Tested:
        """Send a test event now, and keep what came of it.

        Raises:
            Exception: the record is away.
        """
        where = (subscriber_id, url)
        endpoint = (await self._endpoints([where]))[where]
        this = _Round(time.monotonic() + BATCH_S)
        tested = await self._test(this, url, endpoint)
        await self._note(this)
        return tested

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self._poster.close()

    async def _endpoints(self, wanted: Sequence[Where]) -> dict[Where, Endpoint]:
        async with self._record.read() as conn:
            return await endpoints(conn, self._derive, wanted)

    async def _prove(self, this: _Round, where: Where, endpoint: Endpoint) -> TransportError | None:
        """Return why an endpoint has not proved itself; None where it now has."""
        failure = (await self._test(this, where[1], endpoint)).failure
        if failure is None or isinstance(failure, PermanentError | ThrottledError):
            return failure
        return TemporaryError(f"test event: {failure.reason}")

    async def _test(self, this: _Round, url: str, endpoint: Endpoint) -> Tested:
        challenge, webhook_id = secrets.token_urlsafe(24), f"test-{secrets.token_hex(16)}"
        body = test_payload(challenge, self._clock.now())
        answer = await self._post(this, url, endpoint, webhook_id, body)
        if not isinstance(answer, Answer):
            return Tested(webhook_id, None, answer, repeated=False)
        outcome = outcome_of(answer, webhook_id, self._clock.now())
        if isinstance(outcome, TransportError):
            return Tested(webhook_id, answer, outcome, repeated=False)
        this.verified.append(endpoint)
        return Tested(webhook_id, answer, None, repeated=challenge in answer.text)

    async def _one(
        self,
        this: _Round,
        message: Message,
        known: dict[Where, Endpoint],
        barred: dict[Where, TransportError],
    ) -> Outcome:
        where = (message.subscriber_id, message.address)
        if where in barred:
            return barred[where]
        try:
            body = payload(message)
        except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
            return ContentError(f"the message cannot be built: {type(exc).__name__}")
        answer = await self._post(this, message.address, known[where], message.delivery_id, body)
        if not isinstance(answer, Answer):
            return answer
        return outcome_of(answer, message.delivery_id, self._clock.now())

    async def _post(
        self, this: _Round, url: str, endpoint: Endpoint, webhook_id: str, body: bytes
    ) -> Answer | TransportError:
        at = self._clock.now()
        headers = signed_headers(webhook_id, at, body, endpoint.secrets(self._derive, at))
        answer = await self._poster.post(url, headers, body, this.until)
        if answer is None:
            return ThrottledError("its turn did not come in this round", 5.0)
        if isinstance(answer, Answer):
            said = answer.text[:SHOWN].replace("\0", "")
            attempt = Attempt(endpoint, webhook_id, at, answer.status, said, answer.took_ms)
        else:
            attempt = Attempt(endpoint, webhook_id, at, None, answer.reason, 0)
        this.attempts.append(attempt)
        return answer

    async def _note(self, this: _Round) -> None:
        try:
            async with self._record.write() as conn:
                await note(conn, this.attempts, this.verified)
        except Exception as exc:  # noqa: BLE001 - the ledger has the outcomes; these rows are for whoever looks
            log.warning("webhook_attempts_not_kept", error=type(exc).__name__, attempts=len(this.attempts))
