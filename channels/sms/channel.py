"""The channel of text messages: a request per message over a Kannel-compatible gateway, some of them at a time."""

import asyncio
from collections import deque
from collections.abc import Sequence

import httpx

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TemporaryError, UnknownOutcomeError
from channels.message import NOTICES, Message
from channels.render import SIGNATURE, sms_text
from channels.sms.answers import outcome_of
from channels.sms.gateway import E164, KannelGateway
from channels.sms.links import SmsLinks
from channels.sms.segments import segments
from config.logging import get_logger
from config.metrics import SMS_PARTS

log = get_logger(__name__)

# Well below the 60 s after which Kannel closes an idle connection: a request into a closing one has no known outcome.
KEPT_OPEN_S = 5.0
MOST_PARTS = 10  # what Kannel is set to (`max-messages`); it would cut off the rest without a word


class KannelChannel:
    """Text messages over one gateway; numbers appear in no log line and in no reason."""

    name = "sms"

    def __init__(
        self, gateway: KannelGateway, links: SmsLinks, signature: str = SIGNATURE, *, connections: int = 16
    ) -> None:
        """Nothing is opened before the first message.

        Args:
            gateway: from ``KannelGateway.from_url``.
            links: where it is to report.
            signature: what stands in 【】 at the beginning of every text.
            connections: the most that are open at once.
        """
        self.gateway = gateway
        self.links = links
        self.signature = signature
        self.connections = connections
        self._client: httpx.AsyncClient | None = None

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`.

        When the gateway cannot be reached, what is left of the batch fails at once with that reason.
        """
        outcomes: list[Outcome | None] = [None] * len(batch)
        left = deque(range(len(batch)))
        workers = min(self.connections, len(batch))
        ends = await asyncio.gather(
            *(self._drain(batch, left, outcomes) for _ in range(workers)), return_exceptions=True
        )
        why = TemporaryError("not reached in this batch")
        for end in ends:
            if isinstance(end, TemporaryError):
                why = end
            elif isinstance(end, Exception):
                # A mistake of ours; its words may hold a number, its type does not.
                log.error("sms_worker_failed", error=type(end).__name__)
                why = TemporaryError(f"unexpected {type(end).__name__}")
            elif end is not None:
                raise end
        return [why if outcome is None else outcome for outcome in outcomes]

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _drain(
        self, batch: Sequence[Message], left: deque[int], outcomes: list[Outcome | None]
    ) -> None:
        """Send what is ``left`` until nothing is.

        Raises:
            TemporaryError: the gateway cannot be reached.
        """
        while left:
            index = left.popleft()
            try:
                outcomes[index] = await self._deliver(batch[index])
            except httpx.ConnectError as exc:
                raise TemporaryError(f"the gateway takes no connection ({_kind(exc)})") from exc
            except httpx.ConnectTimeout as exc:
                raise TemporaryError("the gateway does not answer a connection in time") from exc

    async def _deliver(self, message: Message) -> Outcome:
        if not E164.fullmatch(message.address):
            return PermanentError("not a telephone number", dead=True)
        try:
            text = sms_text(message, self.signature)
            length = segments(text)
        except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
            return ContentError(f"the text cannot be built: {type(exc).__name__}")
        if length.parts > MOST_PARTS:
            return ContentError(f"the text has {length.units} characters, more than {MOST_PARTS} parts hold")
        outcome = await self._request(message, text)
        if not isinstance(outcome, Exception):
            SMS_PARTS.labels("sent").inc(length.parts)
            SMS_PARTS.labels("billed").inc(length.billed)
        return outcome

    async def _request(self, message: Message, text: str) -> Outcome:
        # A code that was asked for is in no ledger: nobody waits for its report.
        report = None if message.content.occasion in NOTICES else self.links.report(message.delivery_id)
        asked = self.gateway.request(message.address, text, report)
        try:
            answer = await self._open().get(self.gateway.url, params=asked)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TransportError as exc:
            # The request was on its way: it may have been taken. Its report will say, a second one would go twice.
            return UnknownOutcomeError(f"the connection ended before the answer ({_kind(exc)})")
        return outcome_of(answer.status_code, answer.text, answer.headers.get("retry-after"))

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            gateway = self.gateway
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(gateway.answer_timeout_s, connect=gateway.connect_timeout_s, pool=None),
                limits=httpx.Limits(
                    max_connections=None,
                    max_keepalive_connections=self.connections,
                    keepalive_expiry=KEPT_OPEN_S,
                ),
                trust_env=False,  # a proxy of the environment is not meant for numbers
            )
        return self._client


def _kind(exc: BaseException) -> str:
    return type(exc).__name__
