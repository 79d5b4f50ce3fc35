"""Our side of an ISMG in a test: a gateway with a short patience, and an ear that can be deaf."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from channels.channel import Outcome
from channels.errors import UnreachableError
from channels.heard import FarReport, Heard, Reply
from channels.sms.codes import load_codes
from channels.sms.gateways.cmpp.address import Address, CmppPatience
from channels.sms.gateways.cmpp.gateway import CmppGateway
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.links import SmsLinks

SHORT = "【云山政务】您申报的高新技术企业认定补贴已受理，退订回T"
LONG = "【云山政务】" + "政策推送长短信测试，" * 15
IMPATIENT = CmppPatience(
    connect_s=2.0,
    answer_s=1.0,
    idle_s=0.2,
    turn_s=2.0,
    first_wait_s=0.05,
    longest_wait_s=0.1,
    busy_s=(0.02, 0.04),
    close_s=0.3,
    hold_s=0.1,
)


@dataclass
class Ear:
    """A `Heard` that keeps what it hears in memory; with ``away`` the record is away."""

    told: list[FarReport] = field(default_factory=list)
    said: list[Reply] = field(default_factory=list)
    away: bool = False
    asked: int = 0

    async def reports(self, found: Sequence[FarReport]) -> None:
        self._listen()
        self.told += found

    async def replies(self, found: Sequence[Reply]) -> None:
        self._listen()
        self.said += found

    def _listen(self) -> None:
        self.asked += 1
        if self.away:
            raise OSError("the record is away")


def building(ear: Heard, name: str = "cmpp") -> GatewayBuilding:
    """What a gateway is built from."""
    links = SmsLinks("http://127.0.0.1:1", b"key of the tests")
    return GatewayBuilding(name=name, signature="云山政务", links=links, heard=ear, codes=load_codes())


@asynccontextmanager
async def service_provider(
    url: str, *, name: str = "cmpp", patience: CmppPatience = IMPATIENT, **more: float
) -> AsyncIterator[tuple[CmppGateway, Ear]]:
    """A gateway to an ISMG, and its ear; `more` changes the patience."""
    ear = Ear()
    gateway = CmppGateway(
        Address.from_url(url),
        building(ear, name),
        patience=replace(patience, **more),  # type: ignore[arg-type]  # its fields are numbers, but for one
        chance=lambda: 0.5,
    )
    try:
        yield gateway, ear
    finally:
        await gateway.close()


def text(number: int = 0, words: str = SHORT, *, wants_report: bool = True) -> Text:
    """A text to +86138 and eight digits."""
    return Text(f"delivery-{number}", f"+86138{number:08}", words, wants_report)


def terminal(number: int = 0) -> str:
    """The same number as CMPP writes it."""
    return f"138{number:08}"


async def until(true: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until it is so; fail when it does not come to be."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


async def sent_at_last(gateway: CmppGateway, one: Text, within_s: float = 60.0) -> Outcome:
    """Send it as often as the gateway cannot be reached; what came of it then."""
    async with asyncio.timeout(within_s):
        while isinstance(outcome := (await gateway.submit([one]))[0], UnreachableError):
            await asyncio.sleep(0.02)
    return outcome
