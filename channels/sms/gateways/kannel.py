"""A Kannel-compatible gateway: a request per text, some of them at a time; it reports by calling us."""

import asyncio
from collections import deque
from collections.abc import Sequence

import httpx

from channels.channel import Outcome
from channels.errors import (
    NotBegunError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.heard import FarReport
from channels.leaving import leaving
from channels.message import Receipt
from channels.sms.codes import BUSY_S
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.kannel_answers import outcome_of
from channels.sms.gateways.kannel_place import KannelPlace
from channels.sms.links import SmsLinks
from channels.standing import Sent
from config.logging import get_logger

log = get_logger(__name__)

# Well below the 60 s after which Kannel closes an idle connection: a request into a closing one has no known outcome.
KEPT_OPEN_S = 5.0
CONNECTIONS = 16
PATIENCE_S = 60.0  # well below that of the channel, which may try another gateway afterwards


def open_gateway(url: str, building: GatewayBuilding) -> "KannelGateway":
    """Return the gateway at ``kannel://user:password@host:13013``; see `KannelPlace.from_url`."""
    return KannelGateway(KannelPlace.from_url(url), building.links, name=building.name)


class KannelGateway:
    """Texts over one Kannel. Each carries the address of its own report, so it needs no ids of the far side."""

    def __init__(
        self,
        place: KannelPlace,
        links: SmsLinks,
        *,
        name: str = "kannel",
        connections: int = CONNECTIONS,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Nothing is opened before the first text.

        Args:
            place: where it is.
            links: where it is to report.
            name: in receipts.
            connections: the most that are open at once.
            patience_s: how long after a batch's begin its texts are begun.
        """
        self.place = place
        self.links = links
        self.connections = connections
        self.patience_s = patience_s
        self._name = name
        self._client: httpx.AsyncClient | None = None

    @property
    def name(self) -> str:
        """As it was built with."""
        return self._name

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``; see `Gateway.submit`.

        When the gateway cannot be reached, what is left of the batch fails at once with that reason. What it is
        too slow for waits, and so does what the service did not come to before it was stopped.
        """
        outcomes: list[Outcome | None] = [None] * len(texts)
        left = deque(range(len(texts)))
        workers = min(self.connections, len(texts))
        until = asyncio.get_running_loop().time() + self.patience_s
        ends = await asyncio.gather(
            *(self._drain(texts, left, outcomes, until) for _ in range(workers)), return_exceptions=True
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
        if leaving():
            why = NotBegunError()
        return [why if outcome is None else outcome for outcome in outcomes]

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return nothing: Kannel cannot be asked; it calls."""
        return ()

    async def open(self) -> None:
        """Do nothing: Kannel calls us over HTTP."""

    async def close(self) -> None:
        """Give back connections; the gateway can be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _drain(
        self, texts: Sequence[Text], left: deque[int], outcomes: list[Outcome | None], until: float
    ) -> None:
        """Send what is ``left`` until nothing is, the time is over, or the service is being stopped.

        Raises:
            UnreachableError: the gateway cannot be reached.
            ThrottledError: it is too slow.
        """
        now = asyncio.get_running_loop().time
        while left and not leaving():
            if now() > until:
                raise ThrottledError("the gateway is too slow for this batch", BUSY_S)
            index = left.popleft()
            try:
                outcomes[index] = await self._request(texts[index])
            except httpx.ConnectError as exc:
                raise UnreachableError(f"the gateway takes no connection ({_kind(exc)})") from exc
            except httpx.ConnectTimeout as exc:
                raise UnreachableError("the gateway does not answer a connection in time") from exc

    async def _request(self, text: Text) -> Outcome:
        report = self.links.report(text.delivery_id) if text.wants_report else None
        asked = self.place.request(text.number, text.text, report)
        try:
            # The client's own limit is for each byte: an answer that drips would never end.
            async with asyncio.timeout(self.place.connect_timeout_s + self.place.answer_timeout_s):
                answer = await self._open().get(self.place.url, params=asked)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except TimeoutError:
            return UnknownOutcomeError("the gateway's answer did not end in time")
        except httpx.TransportError as exc:
            # The request was on its way: it may have been taken. Its report will say, a second one would go twice.
            return UnknownOutcomeError(f"the connection ended before the answer ({_kind(exc)})")
        outcome = outcome_of(answer.status_code, answer.text, answer.headers.get("retry-after"))
        return Receipt(outcome.progress, gateway=self.name) if isinstance(outcome, Receipt) else outcome

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            place = self.place
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(place.answer_timeout_s, connect=place.connect_timeout_s, pool=None),
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
