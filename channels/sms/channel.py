"""The channel of text messages: texts are built and counted here, and handed to the first gateway that takes them."""

import asyncio
from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import PacedError, TemporaryError, ThrottledError
from channels.heard import FarReport
from channels.message import Message, Receipt
from channels.sms.codes import ACCOUNT_S, BUSY_S
from channels.sms.gateways.gateway import Text
from channels.sms.segments import Segments
from channels.sms.texts import text_of
from channels.sms.way import Way
from channels.standing import Sent
from channels.writing.render import SIGNATURE
from config.logging import get_logger
from config.metrics import SMS_PARTS

log = get_logger(__name__)

PATIENCE_S = 120.0  # with what the slowest gateway may take after it, far below how long a claim is kept
TOO_LATE = "the gateways before were too slow for this batch"
NO_WAY = "no gateway has a template for it: ask the operator to name one in ZHENGDA_SMS_TEMPLATES"


class SmsChannel:
    """Text messages over one or several gateways; numbers appear in no log line and in no reason."""

    name = "sms"

    def __init__(
        self, ways: Sequence[Way], signature: str = SIGNATURE, *, patience_s: float = PATIENCE_S
    ) -> None:
        """Nothing is connected before `open` or the first message.

        Args:
            ways: the gateways in the order in which they are tried, at least one.
            signature: what stands in 【】 at the beginning of every text.
            patience_s: how long after a batch's begin another gateway is still tried. A batch that outlives its claim
                counts as lost, and what nobody took waits for a report that never comes.
        """
        self.patience_s = patience_s
        self.ways = tuple(ways)
        self.signature = signature
        self._as_values = any(way.templated for way in ways)

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`.

        What a gateway cannot take for now goes to the next one. What it may have taken, refuses for good or refuses for
        its text goes nowhere else; nor does what only our own pace holds back.
        """
        built = [text_of(message, self.signature, as_values=self._as_values) for message in batch]
        texts = {at: one[0] for at, one in enumerate(built) if not isinstance(one, Exception)}
        outcomes: dict[int, Outcome] = {at: one for at, one in enumerate(built) if isinstance(one, Exception)}
        left = list(texts)
        now = asyncio.get_running_loop().time
        until = now() + self.patience_s
        none = ThrottledError(NO_WAY, ACCOUNT_S)
        for way in self.ways:
            if left and now() > until:
                none = ThrottledError(TOO_LATE, BUSY_S)
            elif left:
                left = await self._through(way, left, texts, outcomes)
        _count(built, outcomes)
        return [outcomes.get(at) or none for at in range(len(batch))]

    async def open(self) -> None:
        """Begin to listen at the gateways that keep connections; none of them is waited for."""
        for way in self.ways:
            await way.gateway.open()

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the gateways that can be asked."""
        return tuple(way.gateway.name for way in self.ways if way.asked)

    async def query(self, gateway: str, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return what a gateway knows about texts by now; nothing for one that is not there any more.

        Raises:
            TransportError: it cannot be asked at the moment.
        """
        for way in self.ways:
            if way.gateway.name == gateway:
                return await way.gateway.query(sent)
        return ()

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await asyncio.gather(*(way.gateway.close() for way in self.ways))

    async def _through(
        self, way: Way, left: Sequence[int], texts: dict[int, Text], outcomes: dict[int, Outcome]
    ) -> list[int]:
        """Try a gateway with what is left; return what is still left after it, with its newest outcome."""
        able = [at for at in left if way.carries(texts[at])]
        found = await way.submit([texts[at] for at in able])
        for at, outcome in zip(able, found, strict=True):
            outcomes[at] = _telling(outcomes.get(at), outcome)
        still = [at for at in left if at not in outcomes or _goes_on(outcomes[at])]
        if still and way is not self.ways[-1]:
            log.warning("sms.passed_on", gateway=way.gateway.name, texts=len(still))
        return still


def _goes_on(outcome: Outcome) -> bool:
    return isinstance(outcome, TemporaryError) and not isinstance(outcome, PacedError)


def _telling(before: Outcome | None, after: Outcome) -> Outcome:
    """Return which of two gateways' outcomes counts: where one of them tried, an attempt was made."""
    if not isinstance(after, ThrottledError) or before is None:
        return after
    if not isinstance(before, ThrottledError):
        return before
    return before if before.retry_after_s <= after.retry_after_s else after


def _count(built: Sequence[tuple[Text, Segments] | Exception], outcomes: dict[int, Outcome]) -> None:
    for at, one in enumerate(built):
        if not isinstance(one, Exception) and isinstance(outcomes.get(at), Receipt):
            SMS_PARTS.labels("sent").inc(one[1].parts)
            SMS_PARTS.labels("billed").inc(one[1].billed)
