"""The CMPP gateway: texts become SUBMITs, numbers that share a text share them; reports and replies come by DELIVER."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

from channels.channel import Outcome
from channels.errors import PermanentError, TransportError
from channels.heard import FarReport
from channels.sms.gateways.cmpp.address import Address, CmppPatience
from channels.sms.gateways.cmpp.connections import Connections
from channels.sms.gateways.cmpp.contents import parts_of
from channels.sms.gateways.cmpp.incoming import Incoming
from channels.sms.gateways.cmpp.meaning import outcome_of
from channels.sms.gateways.cmpp.numbers import terminal_id
from channels.sms.gateways.cmpp.pdus import Submit, SubmitResp
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.standing import Sent
from config.clock import Clock, SystemClock

PATIENT = CmppPatience()
REFERENCES = 256  # of long texts, in one byte


def open_gateway(url: str, building: GatewayBuilding) -> "CmppGateway":
    """Return the gateway at ``cmpp://user:password@host:7890?src=10690001``; see `Address.from_url`.

    Raises:
        ValueError: the URL is wrong.
    """
    return CmppGateway(Address.from_url(url), building)


class CmppGateway:
    """Texts over the standing connections of one account.

    One Msg_Id is the id of a message for all of its numbers, so reports carry the number, too; each part of a long text
    has an id of its own.
    """

    def __init__(
        self,
        address: Address,
        building: GatewayBuilding,
        *,
        patience: CmppPatience = PATIENT,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is connected.

        Args:
            address: of the gateway.
            building: its name, who hears, and what codes mean.
            patience: how long to wait for what.
            clock: real time, which the gateway compares with its own; the system's by default.
            chance: returns a number from 0 to 1, for waits between tries.
        """
        self.address = address
        self._name = building.name
        self._codes = building.codes
        self._incoming = Incoming(building.name, building.heard, building.codes, patience.hold_s)
        self._connections = Connections(
            building.name,
            address,
            building.line,
            self._incoming.delivered,
            clock or SystemClock(),
            chance,
            patience,
        )
        self._references = count(int(chance() * REFERENCES))

    @property
    def name(self) -> str:
        """As it was built with."""
        return self._name

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``; see `Gateway.submit`. Numbers with one text share SUBMITs."""
        self._connections.start()
        abroad = PermanentError("not a number of the mainland, which is all that CMPP reaches")
        outcomes: list[Outcome] = [abroad] * len(texts)
        shares = self._shares(texts)
        while shares:
            found = await self._send([[texts[place] for place in share] for share in shares])
            alone: list[list[int]] = []
            for share, outcome in zip(shares, found, strict=True):
                if isinstance(outcome, PermanentError) and len(share) > 1:
                    # One wrong number has them all refused: only alone it can be told which.
                    alone += [[place] for place in share]
                for place in share:
                    outcomes[place] = outcome
            shares = alone
        return outcomes

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return nothing: CMPP counts messages of a day, and says nothing about a single one."""
        return ()

    async def open(self) -> None:
        """Begin to connect, and to listen; see `Gateway.open`."""
        self._connections.start()

    async def close(self) -> None:
        """End the connections; see `Gateway.close`."""
        await self._connections.close()
        await self._incoming.close()

    def _shares(self, texts: Sequence[Text]) -> list[list[int]]:
        """Return the places of texts that go in one SUBMIT: of one text, each number once, as reports tell by it."""
        alike: defaultdict[tuple[str, bool, int], list[int]] = defaultdict(list)
        times: defaultdict[tuple[str, str], int] = defaultdict(int)
        for place, text in enumerate(texts):
            if terminal_id(text.number) is not None:
                nth = times[text.text, text.number]
                times[text.text, text.number] += 1
                alike[text.text, text.wants_report, nth].append(place)
        most = self.address.numbers
        return [
            places[begin : begin + most] for places in alike.values() for begin in range(0, len(places), most)
        ]

    async def _send(self, shares: Sequence[Sequence[Text]]) -> list[Outcome]:
        """Send one text to the numbers of each share; return what came of each."""
        asked = [self._ask(share) for share in shares]
        await asyncio.gather(*(answer for answers in asked for answer in answers), return_exceptions=True)
        return [outcome_of(self.name, [_told(one) for one in answers], self._codes) for answers in asked]

    def _ask(self, share: Sequence[Text]) -> "list[asyncio.Future[SubmitResp]]":
        """Send the parts of one text, to be answered."""
        address, text = self.address, share[0]
        numbers = tuple(terminal_id(one.number) or "" for one in share)
        return [
            self._connections.submit(
                Submit(
                    src_id=address.src,
                    numbers=numbers,
                    content=part.content,
                    msg_src=address.sp,
                    service_id=address.service,
                    udhi=part.udhi,
                    pk_total=part.total,
                    pk_number=part.number,
                    registered_delivery=int(text.wants_report),
                    fee_user_type=address.fee_user,
                    fee_type=address.fee_type,
                    fee_code=address.fee_code,
                )
            )
            for part in parts_of(text.text, next(self._references) % REFERENCES)
        ]


def _told(answer: "asyncio.Future[SubmitResp]") -> SubmitResp | TransportError:
    error = answer.exception()
    if error is None:
        return answer.result()
    if isinstance(error, TransportError):
        return error
    raise error
