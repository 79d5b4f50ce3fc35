"""What the text message gateway calls: reports about messages, replies of people. Tokens in the URL stand for keys."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response

from channels.heard import Reply
from channels.sms import codes_of
from channels.sms.gateways.kannel_answers import GATEWAY as KANNEL
from channels.sms.gateways.kannel_answers import failure_of, status_of
from channels.sms.links import PURPOSE, SmsLinks
from channels.sms.replies import decoded
from config.database.record import is_outage
from config.logging import get_logger
from service.api.problems import not_found, wrong
from service.api.security import HouseOf
from service.house import House
from streams.receipts.receipts import FAILED, Report, apply, keep
from streams.receipts.replies import take_reply

router = APIRouter(tags=["sms"])
log = get_logger(__name__)


def links_of(house: House) -> SmsLinks:
    """Return the addresses of this installation that a gateway calls."""
    return SmsLinks(house.settings.base_url, house.vault.derive(PURPOSE))


@router.get("/sms/report")
async def get_report(
    house: HouseOf,
    delivery_id: Annotated[str, Query(alias="id", max_length=36)],
    token: Annotated[str, Query(max_length=200)],
    status: int,
    detail: str = "",
) -> Response:
    """Take a delivery report: it is written down first, and applied at once or as soon as its row is settled."""
    if not links_of(house).reports_about(delivery_id, token):
        raise not_found("this report's address")
    try:
        said = status_of(status)
    except ValueError as exc:
        raise wrong("status", str(exc)) from exc
    report = Report(
        delivery_id, said, failure_of(status, detail, codes_of(house.settings)) if said == FAILED else None
    )
    now = house.clock.now()
    async with house.record.write() as conn:
        await keep(conn, report, now)
    try:
        async with house.record.write() as conn:
            await apply(conn, delivery_id, now)
    except Exception as exc:
        if not is_outage(exc):
            raise
        log.warning("report_left_to_the_sweep", reason=type(exc).__name__)
    return Response()


@router.get("/sms/incoming")
async def get_incoming(request: Request, house: HouseOf) -> Response:
    """Take a reply: T, TD, R and 退订 close the channel for everybody with that number before this answers.

    Anything else is noted without its number. The answer is what the gateway sends back: nothing, unless a confirmation
    is set.
    """
    # Byte by byte: the text is in the carrier's charset, which only the other parameters tell.
    given = dict(parse_qsl(request.url.query, keep_blank_values=True, encoding="latin-1"))
    if not links_of(house).hands_over(given.get("token", "")):
        raise not_found("this address")
    raw = given.get("text", "").encode("latin-1")
    text = decoded(raw, given.get("charset", ""), given.get("coding", ""))
    number = given.get("from", "")
    reply = Reply(KANNEL, number, text, given.get("id", ""))
    if await take_reply(house.record, house.vault, house.log, house.clock, reply):
        return _reply(house.settings.sms_reply, house.settings.sms_signature)
    return Response()


def _reply(confirmation: str, signature: str) -> Response:
    text = f"【{signature}】{confirmation}" if confirmation else ""
    return Response(text, media_type="text/plain; charset=utf-8")
