"""What a text message gateway is: it takes texts, can perhaps be asked about them, and may hear by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from channels.channel import Outcome
from channels.guards.line import LineState
from channels.heard import FarReport, Heard
from channels.sms.codes import Codes
from channels.sms.links import SmsLinks
from channels.sms.templates import Filled, Registered
from channels.standing import Sent


@dataclass(frozen=True)
class Text:
    """One text message, ready to go.

    Attributes:
        delivery_id: the same at every attempt.
        number: E.164, ``+86138…``.
        text: all of it, with 【signature】.
        wants_report: False for what is in no ledger: nobody waits for its report.
        template: the same message as values, for gateways that only send registered templates.
        urgent: it has its turn before a broad campaign's.
    """

    delivery_id: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    wants_report: bool = True
    template: Filled | None = field(default=None, repr=False)
    urgent: bool = False


@dataclass(frozen=True)
class GatewayBuilding:
    """What gateways are built from.

    Attributes:
        name: the gateway's: of its scheme, or ``?name=`` of its URL. It is in every receipt and report.
        signature: what stands in 【】 at the beginning of each text.
        links: addresses for gateways that report by calling.
        heard: takes the reports and replies of gateways that listen.
        codes: what the far side's codes mean.
        templates: what is registered there, by occasion.
        per_second: how many texts it takes in a second; None: as many as it likes. The frame keeps to it.
        line: is told whether a standing line stands, so that one that is down is known where nothing is sent there.
    """

    name: str
    signature: str
    links: SmsLinks
    heard: Heard
    codes: Codes
    templates: Mapping[str, Registered] = field(default_factory=dict)
    per_second: float | None = None
    line: LineState = field(default_factory=LineState)


class Gateway(Protocol):
    """A way to text people; numbers appear in no log line and in no reason."""

    @property
    def name(self) -> str:
        """As it was built with."""
        ...

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``, cut into requests of the gateway's own limit.

        Returns:
            An outcome per text, in the same order: a `Receipt` with ``SENT``, the gateway's name and an id for each
            part, or why not. Nothing is raised but cancellation.
        """
        ...

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return what the far side knows about texts by now; nothing where it cannot be asked.

        A report about a text without ``message_id`` carries its ``delivery_id`` in place of it.

        Raises:
            TransportError: it cannot be asked at the moment.
        """
        ...

    async def open(self) -> None:
        """Begin to listen where connections stand; it neither waits for the far side nor raises when it is away."""
        ...

    async def close(self) -> None:
        """Give back connections; the gateway can be used again afterwards."""
        ...
