"""Gateways at the test clouds, and texts for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels.channel import Outcome
from channels.heard import FarReport, Reply
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways import open_gateway
from channels.sms.gateways.gateway import Gateway, GatewayBuilding, Text
from channels.sms.links import SmsLinks
from channels.sms.templates import Filled, Registered, Variable
from channels.standing import Sent
from tests.servers.cloud_sms import SIGN, CloudSms

CLOUDS = ("aliyun", "tencent")
TEMPLATES = {
    "aliyun": {
        "policy": Registered("SMS_1", (Variable("issuer", "issuer"), Variable("title", "title", 20))),
        "confirm": Registered("SMS_2", (Variable("code", "code"),)),
        "digest": Registered("SMS_3"),
    },
    "tencent": {
        "policy": Registered("1001", (Variable("1", "issuer"), Variable("2", "title", 20))),
        "confirm": Registered("1002", (Variable("1", "code"),)),
    },
}


@dataclass
class Recording:
    """Keeps what it hears."""

    heard: list[Reply] = field(default_factory=list)

    async def reports(self, found: Sequence[FarReport]) -> None:
        raise AssertionError("clouds report over HTTP")

    async def replies(self, found: Sequence[Reply]) -> None:
        self.heard.extend(found)


@asynccontextmanager
async def gateway_at(
    cloud: CloudSms, kind: str, more: str = "", recording: Recording | None = None
) -> AsyncIterator[Gateway]:
    url = {"aliyun": cloud.aliyun_url, "tencent": cloud.tencent_url}[kind]
    links = SmsLinks("https://policy.example.cn", b"k" * 32)
    building = GatewayBuilding(kind, SIGN, links, recording or Recording(), load_codes(), TEMPLATES[kind])
    gateway = open_gateway(url + more, building)
    await gateway.open()
    try:
        yield gateway
    finally:
        await gateway.close()


def text(n: int, title: str = "若干措施", occasion: str = "policy", number: str = "") -> Text:
    values = {"issuer": "云山市工信局", "title": title, "code": "123456"}
    return Text(f"delivery-{n}", number or f"+861380000{n:04d}", "", True, Filled(occasion, values))


def sent(one: Text, outcome: Outcome | None = None, at: datetime | None = None) -> Sent:
    message_id = outcome.ids[0] if isinstance(outcome, Receipt) else None
    return Sent(one.delivery_id, one.number, message_id, at or datetime.now(UTC))


def said_at(cloud: CloudSms, kind: str, number: str) -> str:
    """A number as that cloud keeps it."""
    return number.removeprefix("+86") if kind == "aliyun" else number
