"""What an operator sets at the text message gateways, so that they tell this service what they hear."""

from typing import Any

from fastapi import APIRouter

from config.sms_urls import sms_urls
from service.api.security import HouseOf, Operator
from service.api.sms import links_of
from service.api.sms_cloud import callback_urls

router = APIRouter(tags=["sms"])


@router.get("/api/v1/sms/gateway", tags=["operations"])
async def get_gateway(house: HouseOf, actor: Operator) -> dict[str, Any]:
    """What to set in the gateways: addresses that each hold a secret, and whether an opt-out is confirmed.

    ``gateway`` is null while text messages go to the sandbox, else the first of ``gateways``, which are in the order in
    which they are tried; ``kinds`` says what each is (kannel, smpp, cmpp, aliyun, tencent). ``incoming_url`` is where a
    Kannel hands over replies; addresses for its reports go with each message. ``callbacks`` are, by gateway, where a
    cloud reports and hands over replies.
    """
    urls = sms_urls(house.settings.sms_url or "")
    gateways = [one.name for one in urls]
    links = links_of(house)
    return {
        "gateway": gateways[0] if gateways else None,
        "gateways": gateways,
        "kinds": {one.name: one.kind for one in urls},
        "incoming_url": links.incoming(),
        "callbacks": callback_urls(house, links),
        "confirms": bool(house.settings.sms_reply),
    }
