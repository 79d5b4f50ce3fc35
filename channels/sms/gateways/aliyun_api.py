"""Aliyun's short message service (Dysmsapi 2017-05-25): its requests and what its answers say; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from channels.errors import PermanentError, TransportError, UnknownOutcomeError
from channels.heard import FarReport, Status
from channels.message import Progress, Receipt
from channels.sms.codes import Codes, reason_of
from channels.sms.gateways.http_batches import Batch, Refused
from channels.sms.gateways.http_marks import mark, marked
from channels.sms.gateways.http_numbers import national
from channels.sms.gateways.http_times import near, shanghai_day
from channels.sms.signers import acs3
from channels.standing import Sent

VERSION = "2017-05-25"
MOST_ALIKE = 1000  # numbers of one text, SendSms
MOST_PERSONAL = 100  # numbers with a text each, SendBatchSms
OUT_ID_CHARS = 255
PAGE = 50
OK = "OK"
FORM = "application/x-www-form-urlencoded"
# Refusals of a whole request that may be about one number in it.
ABOUT_A_NUMBER = frozenset(
    {"isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL", "isv.MOBILE_COUNT_OVER_LIMIT"}
)
# Something broke inside the cloud, maybe after the texts were handed on.
MAY_HAVE_GONE = frozenset({"InternalError", "isp.UNKNOWN", "isp.GATEWAY_ERROR"})
SAID: Mapping[int, Status] = {1: "accepted", 2: "failed", 3: "delivered"}


@dataclass(frozen=True)
class Call:
    """A request: parameters that stand in its URL, and those of its body."""

    action: str
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def body(self) -> bytes:
        """The body as it is sent and signed."""
        return urlencode(self.form).encode()

    @property
    def target(self) -> str:
        """Path and query as they are sent and signed."""
        return "/?" + acs3.encoded(self.query) if self.query else "/"


def headers(call: Call, host: str, key_id: str, secret: str, *, now: datetime, nonce: str) -> dict[str, str]:
    """Return the headers of a call, its signature among them.

    Args:
        call: what is asked.
        host: as the header ``Host`` will say it.
        key_id: who asks.
        secret: what proves it.
        now: the moment, in UTC; more than a quarter of an hour off it is refused.
        nonce: never used before.
    """
    given = {
        "host": host,
        "x-acs-version": VERSION,
        "x-acs-action": call.action,
        "x-acs-date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        acs3.CONTENT_HASH: acs3.hash_of(call.body),
        "accept": "application/json",
    }
    if call.form:
        given["content-type"] = FORM
    signature = acs3.authorization(
        key_id, secret, method="POST", query=call.query, headers=given, body=call.body
    )
    return {**given, "Authorization": signature}


def send_alike(batch: Batch, sign: str) -> Call:
    """Return the request that sends one text to all numbers of a batch."""
    first = batch[0]
    query = {
        "PhoneNumbers": ",".join(national(item.text.number) for item in batch),
        "SignName": sign,
        "TemplateCode": first.template_id,
    }
    if first.values:
        query["TemplateParam"] = _json(dict(first.values))
    return Call("SendSms", query | _out_id(batch))


def send_personal(batch: Batch, sign: str) -> Call:
    """Return the request that sends each number of a batch a text of its own."""
    form = {
        "PhoneNumberJson": _json([national(item.text.number) for item in batch]),
        "SignNameJson": _json([sign] * len(batch)),
    }
    if any(item.values for item in batch):
        form["TemplateParamJson"] = _json([dict(item.values) for item in batch])
    return Call("SendBatchSms", {"TemplateCode": batch[0].template_id} | _out_id(batch), form)


def taken(batch: Batch, answer: Mapping[str, Any], gateway: str, codes: Codes) -> list[Receipt]:
    """Return what the answer to a send means for each of its batch: all of them share one id.

    Raises:
        Refused: none was taken.
        UnknownOutcomeError: it was taken, but under what id it does not say.
    """
    if error := refusal(answer, gateway, codes):
        if isinstance(error, UnknownOutcomeError):
            raise error
        single = isinstance(error, PermanentError) or answer.get("Code") in ABOUT_A_NUMBER
        raise Refused(error, single=single)
    biz_id = answer.get("BizId")
    if not isinstance(biz_id, str) or not biz_id:
        raise UnknownOutcomeError("taken without an id", gateway=gateway)
    return [Receipt(Progress.SENT, biz_id, gateway, (biz_id,))] * len(batch)


def refusal(answer: Mapping[str, Any], gateway: str, codes: Codes) -> TransportError | None:
    """Return why an answer is none; None where it is one."""
    code = answer.get("Code")
    if code == OK:
        return None
    words = str(answer.get("Message", ""))
    if code in MAY_HAVE_GONE:
        return UnknownOutcomeError(reason_of(str(code), words), gateway=gateway)
    return codes.outcome(gateway, str(code), words)


def ask_about(sent: Sent) -> Call:
    """Return the request that asks what became of a text, or of all that its number got that day."""
    query = {
        "PhoneNumber": national(sent.number),
        "SendDate": f"{shanghai_day(sent.sent_at):%Y%m%d}",
        "PageSize": str(PAGE),
        "CurrentPage": "1",
    }
    return Call("QuerySendDetails", query | ({"BizId": sent.message_id} if sent.message_id else {}))


def found(sent: Sent, answer: Mapping[str, Any], gateway: str, codes: Codes) -> FarReport | None:
    """Return what an answer to `ask_about` says about this text; None while it knows nothing of it."""
    rows = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
    mine = [row for row in rows if sent.message_id or _is(row, sent)]
    if len(mine) != 1:
        # None, or several that nothing tells apart: it stays unknown rather than being settled by a neighbour's fate.
        return None
    status = SAID.get(int(mine[0].get("SendStatus") or 0), "accepted")
    code = str(mine[0].get("ErrCode") or "")
    return FarReport(
        gateway=gateway,
        message_id=sent.message_id or sent.delivery_id,
        number=sent.number if sent.message_id else None,
        status=status,
        failure=codes.failure(gateway, code) if status == "failed" else None,
        detail=reason_of(code),
    )


def _is(row: Mapping[str, Any], sent: Sent) -> bool:
    """Whether a detail without a known id is this text: by its mark, else by its time alone."""
    ours = marked(str(row.get("OutId") or ""), sent.delivery_id)
    return near(str(row.get("SendDate") or ""), sent.sent_at) if ours is None else ours


def _out_id(batch: Sequence[Any]) -> dict[str, str]:
    ours = mark([item.text.delivery_id for item in batch], OUT_ID_CHARS)
    return {"OutId": ours} if ours else {}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
