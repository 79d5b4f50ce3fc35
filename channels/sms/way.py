"""A gateway as the channel uses it: left alone while it is down, at its pace, with the templates it has."""

from collections.abc import Collection, Sequence

from channels.channel import Outcome
from channels.errors import UnknownOutcomeError, UnreachableError
from channels.guards.far_side import FarSide
from channels.guards.rates import Pace
from channels.guards.trying import tried
from channels.message import Receipt
from channels.sms.gateways.gateway import Gateway, Text
from config.logging import get_logger
from config.metrics import SMS_TEXTS

log = get_logger(__name__)


class Way:
    """One gateway, its far side's state, and what it can carry."""

    def __init__(
        self,
        gateway: Gateway,
        far_side: FarSide | None = None,
        *,
        pace: Pace | None = None,
        templates: Collection[str] | None = None,
        asked: bool = False,
    ) -> None:
        """Nothing is connected.

        Args:
            gateway: that takes the texts.
            far_side: what is known about it; a new one by default.
            pace: how many texts it is given in a second; None: as many as there are.
            templates: for which occasions something is registered there; None where it takes any text.
            asked: whether it can be asked about what it took.
        """
        self.gateway = gateway
        self.far_side = far_side or FarSide(f"sms:{gateway.name}")
        self.pace = pace
        self.templates = templates
        self.asked = asked

    @property
    def templated(self) -> bool:
        """Whether it sends nothing but registered templates."""
        return self.templates is not None

    def carries(self, text: Text) -> bool:
        """Whether it can send this text at all."""
        return self.templates is None or (text.template is not None and text.template.name in self.templates)

    async def submit(self, texts: Sequence[Text]) -> list[Outcome]:
        """Send ``texts``, or park them while the gateway is down; then a single one is tried first."""
        return await tried(self.far_side, texts, self._paced)

    async def _paced(self, texts: Sequence[Text]) -> list[Outcome]:
        if self.pace is None:
            return await self._try(texts)
        return await self.pace.send(texts, self._try, urgent=any(text.urgent for text in texts))

    async def _try(self, texts: Sequence[Text]) -> list[Outcome]:
        if not texts:
            return []
        name = self.gateway.name
        try:
            outcomes = [_from(name, one) for one in await self.gateway.submit(texts)]
        except Exception as exc:  # noqa: BLE001 - a mistake of ours, which may have come after the sending
            # Its words may hold a number, its type does not.
            log.error("sms_gateway_failed", gateway=name, error=type(exc).__name__)
            outcomes = [UnknownOutcomeError(f"unexpected {type(exc).__name__}", gateway=name) for _ in texts]
        # One that takes a request and says nothing is as little use as one that takes no connection.
        self.far_side.told(
            [UnreachableError(o.reason) if isinstance(o, UnknownOutcomeError) else o for o in outcomes]
        )
        for outcome in outcomes:
            SMS_TEXTS.labels(name, type(outcome).__name__).inc()
        return outcomes


def _from(gateway: str, outcome: Outcome) -> Outcome:
    """Return an outcome with the gateway's name, so that it can be asked and its reports find their row."""
    if isinstance(outcome, UnknownOutcomeError):
        return UnknownOutcomeError(outcome.reason, gateway=gateway, reports=outcome.reports)
    if isinstance(outcome, Receipt) and outcome.gateway != gateway:
        return Receipt(outcome.progress, outcome.reference, gateway, outcome.ids)
    return outcome
