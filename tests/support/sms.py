"""The SMS channel over gateways of the test's own."""

from collections.abc import Callable, Sequence

from channels.channel import Outcome
from channels.heard import FarReport, Reply
from channels.message import Progress, Receipt
from channels.sms.channel import SmsChannel
from channels.sms.gateways.gateway import Gateway, Text
from channels.sms.gateways.kannel import CONNECTIONS, PATIENCE_S, KannelGateway
from channels.sms.gateways.kannel_place import KannelPlace
from channels.sms.links import SmsLinks
from channels.sms.way import Way
from channels.standing import Sent

NobodyAnswers = Callable[[Text], Outcome]


def sms_channel(*gateways: Gateway, signature: str = "政达") -> SmsChannel:
    """A channel over gateways that take any text."""
    return SmsChannel([Way(gateway) for gateway in gateways], signature)


def kannel_channel(
    url: str,
    links: SmsLinks,
    signature: str = "政达",
    *,
    connections: int = CONNECTIONS,
    answer_timeout_s: float = 30.0,
    patience_s: float = PATIENCE_S,
) -> SmsChannel:
    """A channel over the one Kannel at ``url``."""
    place = KannelPlace.from_url(url)
    patient = KannelPlace(
        place.url,
        place.username,
        place.password,
        place.options,
        connect_timeout_s=min(answer_timeout_s, place.connect_timeout_s),
        answer_timeout_s=answer_timeout_s,
    )
    gateway = KannelGateway(patient, links, connections=connections, patience_s=patience_s)
    return sms_channel(gateway, signature=signature)


class ScriptedTexts:
    """A gateway in memory: answers by a script, takes ids of its own, knows what it is told to know."""

    def __init__(self, name: str, script: NobodyAnswers | None = None, parts: int = 1) -> None:
        self._name = name
        self.script = script or self.takes
        self.parts = parts
        self.taken: list[Text] = []
        self.asked: list[Sent] = []
        self.knows: Callable[[Sent], Sequence[FarReport]] = lambda sent: ()
        self.opened = self.closed = False

    @property
    def name(self) -> str:
        """As it was called."""
        return self._name

    def takes(self, text: Text) -> Outcome:
        """Take a text, under an id for each part."""
        number = len(self.taken)
        return Receipt(
            Progress.SENT,
            f"{self.name}-{number}",
            gateway=self.name,
            ids=tuple(f"{self.name}-{number}-{part}" for part in range(1, self.parts + 1)),
        )

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """See `Gateway.submit`."""
        outcomes = []
        for text in texts:
            self.taken.append(text)
            outcomes.append(self.script(text))
        return outcomes

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """See `Gateway.query`."""
        self.asked += sent
        return [report for one in sent for report in self.knows(one)]

    async def open(self) -> None:
        """Note it."""
        self.opened = True

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.reported: list[FarReport] = []
        self.replied: list[Reply] = []

    async def reports(self, found: Sequence[FarReport]) -> None:
        """See `Heard.reports`."""
        self.reported += found

    async def replies(self, found: Sequence[Reply]) -> None:
        """See `Heard.replies`."""
        self.replied += found
