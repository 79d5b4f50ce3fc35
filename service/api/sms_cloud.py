"""What Aliyun and Tencent call: reports about text messages and replies of people. A token in the path is the key."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Request

from channels.heard import FarReport, Reply
from channels.sms import codes_of
from channels.sms.codes import Codes
from channels.sms.gateways import aliyun_said, tencent_said
from channels.sms.links import SmsLinks
from config.logging import get_logger
from config.sms_urls import sms_urls
from service.api.problems import not_found, wrong
from service.api.security import HouseOf
from service.api.sms import links_of
from service.house import House
from streams.receipts.hearing import Hearing

router = APIRouter(tags=["sms"])
log = get_logger(__name__)

Said = FarReport | Reply


@dataclass(frozen=True)
class Cloud:
    """How a cloud tells: ``heard`` reads one item of it, ``answer`` is what it wants to hear when all were kept."""

    heard: Callable[[Mapping[str, Any], str, Codes], Said]
    answer: Mapping[str, Any]


CLOUDS: Mapping[str, Cloud] = MappingProxyType(
    {
        "aliyun": Cloud(aliyun_said.heard, aliyun_said.ANSWER),
        "tencent": Cloud(tencent_said.heard, tencent_said.ANSWER),
    }
)


@router.post("/sms/{cloud}/{gateway}/{token}")
async def post_callback(
    cloud: Literal["aliyun", "tencent"],
    gateway: Annotated[str, Path(max_length=32)],
    token: Annotated[str, Path(max_length=200)],
    request: Request,
    house: HouseOf,
) -> dict[str, Any]:
    """Take what a cloud tells: reports and replies, one or many.

    It is durable when this answers, in the words that the cloud waits for; while the record is away the answer is 503,
    and it is told again. What is no report and no reply is passed over and logged: it would never be one.
    """
    if not links_of(house).calls_back(cloud, gateway, token):
        raise not_found("this address")
    told = _read(await request.body(), CLOUDS[cloud], gateway, codes_of(house.settings))
    hearing = Hearing(house.record, house.vault, house.log, house.clock)
    await hearing.reports([one for one in told if isinstance(one, FarReport)])
    await hearing.replies([one for one in told if isinstance(one, Reply)])
    return dict(CLOUDS[cloud].answer)


def callback_urls(house: House, links: SmsLinks) -> dict[str, str]:
    """Return the addresses to set at the clouds, by the gateway's name; each holds a secret."""
    gateways = sms_urls(house.settings.sms_url or "")
    return {one.name: links.callback(one.kind, one.name) for one in gateways if one.kind in CLOUDS}


def _read(body: bytes, cloud: Cloud, gateway: str, codes: Codes) -> list[Said]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise wrong("body", "no JSON") from exc
    items = content if isinstance(content, list) else [content]
    if not all(isinstance(item, dict) for item in items):
        raise wrong("body", "expected an object or an array of objects")
    return list(_all(items, cloud, gateway, codes))


def _all(items: Iterable[Mapping[str, Any]], cloud: Cloud, gateway: str, codes: Codes) -> Iterable[Said]:
    for item in items:
        try:
            yield cloud.heard(item, gateway, codes)
        except ValueError as exc:
            log.warning("sms.callback_passed_over", gateway=gateway, field=str(exc))
