"""The gateway ``tencent://``: Tencent Cloud's short message service, registered templates only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from channels.channel import Outcome
from channels.errors import TransportError
from channels.heard import FarReport, Reply
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.http_batches import Batch, Item, alike, each_outcome, items_of
from channels.sms.gateways.http_cloud import Cloud, CloudClient
from channels.sms.gateways.http_query import looked_up
from channels.sms.gateways.tencent_api import (
    MOST_NUMBERS,
    Call,
    ask_about,
    ask_for_replies,
    found,
    headers,
    refusal,
    refused_here,
    replies_in,
    send,
    taken,
)
from channels.standing import Sent
from config.clock import Clock, SystemClock
from config.logging import get_logger

log = get_logger(__name__)

EXAMPLE = "tencent://SECRET_ID:SECRET_KEY@sms.tencentcloudapi.com?app=1400000000&sign=签名"
OPTIONS = ("app", "sign", "region")
REGION = "ap-guangzhou"


def open_gateway(url: str, building: GatewayBuilding) -> "TencentGateway":
    """Return the gateway at ``tencent://SECRET_ID:SECRET_KEY@sms.tencentcloudapi.com?app=…``; nothing is connected.

    ``app`` is the application (SmsSdkAppId), ``sign`` the registered signature (the installation's where it is not
    given), ``region`` the service's.

    Raises:
        ValueError: the URL is wrong.
    """
    cloud = Cloud.from_url(url, OPTIONS, EXAMPLE)
    if not cloud.options.get("app"):
        raise ValueError(f"it needs ?app=, the SmsSdkAppId: {EXAMPLE}")
    return TencentGateway(cloud, building)


class TencentGateway:
    """Texts over Tencent: one request for up to 200 numbers of one text, answered number by number.

    It knows no idempotency: after a lost answer nothing is sent again, and `query` finds out by the mark that each
    request carries, or by the time where the account does not hand marks back.
    """

    def __init__(self, cloud: Cloud, building: GatewayBuilding, *, clock: Clock | None = None) -> None:
        """Nothing is opened before the first request.

        Args:
            cloud: from its URL, with ``app`` among its options.
            building: names, templates, codes, and who takes replies that were asked for.
            clock: real time, for signatures; a simulated one would be refused.
        """
        self.name = building.name
        self.app = cloud.options["app"]
        self.sign = cloud.options.get("sign") or building.signature
        self.region = cloud.options.get("region") or REGION
        self._building = building
        self._cloud = cloud
        self._client = CloudClient(cloud, building.name)
        self._clock = clock or SystemClock()

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``; see `Gateway.submit`."""
        items, refused = items_of(texts, self._building.templates, self.name)
        outcomes: dict[int, Outcome] = dict(refused)
        going: list[Item] = []
        for item in items:
            if error := refused_here(item):
                outcomes[item.place] = error
            else:
                going.append(item)
        batches = alike(going, MOST_NUMBERS)
        for one in await asyncio.gather(*(each_outcome(batch, self._send, self.name) for batch in batches)):
            outcomes.update({item.place: outcome for item, outcome in one})
        return [outcomes[place] for place in range(len(texts))]

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return what Tencent knows about texts; what their numbers answered goes to who hears. See `Gateway.query`."""
        reports = await looked_up(sent, self._look)
        replies = [one for some in await asyncio.gather(*map(self._replies, sent)) for one in some]
        if replies:
            await self._building.heard.replies(list(dict.fromkeys(replies)))
        return reports

    async def open(self) -> None:
        """Do nothing: Tencent calls, and no connection stands."""

    async def close(self) -> None:
        """Give back connections; the gateway can be used again afterwards."""
        await self._client.close()

    async def _send(self, batch: Batch) -> Sequence[Outcome]:
        call = send(batch, self.app, self.sign)
        return taken(batch, await self._ask(call), self.name, self._building.codes)

    async def _look(self, sent: Sent) -> FarReport | None:
        response = await self._response(ask_about(sent, self.app, self._clock.now()))
        return found(sent, response, self.name, self._building.codes)

    async def _replies(self, sent: Sent) -> list[Reply]:
        try:
            response = await self._response(ask_for_replies(sent, self.app, self._clock.now()))
        except TransportError as error:
            # An account may be allowed to ask for reports and not for replies: these come by callback then.
            log.warning("sms.replies_not_asked", gateway=self.name, reason=error.reason)
            return []
        return replies_in(response, self.name)

    async def _response(self, call: Call) -> Mapping[str, Any]:
        response: Mapping[str, Any] = (await self._ask(call)).get("Response") or {}
        if error := refusal(response, self.name, self._building.codes):
            raise error
        return response

    async def _ask(self, call: Call) -> Mapping[str, Any]:
        cloud = self._cloud
        signed = headers(
            call, cloud.host, cloud.key_id, cloud.secret, now=self._clock.now(), region=self.region
        )
        return await self._client.post("/", signed, call.body)
