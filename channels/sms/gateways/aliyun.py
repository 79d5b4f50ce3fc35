"""The gateway ``aliyun://``: Aliyun's short message service, registered templates only."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.channel import Outcome
from channels.heard import FarReport
from channels.sms.gateways.aliyun_api import (
    MOST_ALIKE,
    MOST_PERSONAL,
    Call,
    ask_about,
    found,
    headers,
    refusal,
    send_alike,
    send_personal,
    taken,
)
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.http_batches import Batch, Item, alike, each_outcome, items_of, personal
from channels.sms.gateways.http_cloud import Cloud, CloudClient
from channels.sms.gateways.http_query import looked_up
from channels.standing import Sent
from config.clock import Clock, SystemClock

EXAMPLE = "aliyun://ACCESS_KEY_ID:SECRET@dysmsapi.aliyuncs.com?sign=签名"
OPTIONS = ("sign",)
Nonce = Callable[[], str]


def open_gateway(url: str, building: GatewayBuilding) -> "AliyunGateway":
    """Return the gateway at ``aliyun://ACCESS_KEY_ID:SECRET@dysmsapi.aliyuncs.com``; nothing is connected.

    ``?sign=`` is the registered signature; the installation's where it is not given.

    Raises:
        ValueError: the URL is wrong.
    """
    return AliyunGateway(Cloud.from_url(url, OPTIONS, EXAMPLE), building)


class AliyunGateway:
    """Texts over Aliyun: one request for up to 1,000 numbers of one text, or for 100 with a text each.

    Aliyun knows no idempotency: after a lost answer nothing is sent again, and `query` finds out by the mark that each
    request carries.
    """

    def __init__(
        self,
        cloud: Cloud,
        building: GatewayBuilding,
        *,
        clock: Clock | None = None,
        nonce: Nonce = lambda: secrets.token_hex(16),
    ) -> None:
        """Nothing is opened before the first request.

        Args:
            cloud: from its URL.
            building: names, templates and codes.
            clock: real time, for signatures; a simulated one would be refused.
            nonce: a text that never comes twice.
        """
        self.name = building.name
        self.sign = cloud.options.get("sign") or building.signature
        self._building = building
        self._cloud = cloud
        self._client = CloudClient(cloud, building.name)
        self._clock = clock or SystemClock()
        self._nonce = nonce

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``; see `Gateway.submit`."""
        items, refused = items_of(texts, self._building.templates, self.name)
        outcomes: dict[int, Outcome] = dict(refused)
        sent = await asyncio.gather(
            *(each_outcome(batch, self._send, self.name) for batch in requests_of(items))
        )
        for one in sent:
            outcomes.update({item.place: outcome for item, outcome in one})
        return [outcomes[place] for place in range(len(texts))]

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return what Aliyun knows about texts; see `Gateway.query`."""
        return await looked_up(sent, self._look)

    async def open(self) -> None:
        """Do nothing: Aliyun calls, and no connection stands."""

    async def close(self) -> None:
        """Give back connections; the gateway can be used again afterwards."""
        await self._client.close()

    async def _send(self, batch: Batch) -> Sequence[Outcome]:
        call = send_alike(batch, self.sign) if _same(batch) else send_personal(batch, self.sign)
        return taken(batch, await self._ask(call), self.name, self._building.codes)

    async def _look(self, sent: Sent) -> FarReport | None:
        answer = await self._ask(ask_about(sent))
        if error := refusal(answer, self.name, self._building.codes):
            raise error
        return found(sent, answer, self.name, self._building.codes)

    async def _ask(self, call: Call) -> Mapping[str, Any]:
        # Made when its turn comes: one that waited for a quarter of an hour would be refused.
        cloud = self._cloud
        signed = headers(call, cloud.host, cloud.key_id, cloud.secret, now=self._now(), nonce=self._nonce())
        return await self._client.post(call.target, signed, call.body)

    def _now(self) -> datetime:
        return self._clock.now()


def requests_of(items: Sequence[Item]) -> list[Batch]:
    """Return items as the fewest requests: many of one text together, all others by their template."""
    batches = alike(items, MOST_ALIKE)
    together = [batch for batch in batches if len(batch) > 1]
    alone = [batch[0] for batch in batches if len(batch) == 1]
    return [*together, *personal(alone, MOST_PERSONAL)]


def _same(batch: Batch) -> bool:
    return all(item.values == batch[0].values for item in batch)
