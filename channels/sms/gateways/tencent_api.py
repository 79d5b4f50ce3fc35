"""Tencent Cloud's short message service (SMS 2021-01-11): its requests and what its answers say; pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TransportError, UnknownOutcomeError
from channels.heard import FarReport, Reply
from channels.message import Progress, Receipt
from channels.sms.codes import Codes, reason_of
from channels.sms.gateways.http_batches import Batch, Item, Refused
from channels.sms.gateways.http_marks import mark, marked
from channels.sms.gateways.http_numbers import international
from channels.sms.gateways.http_times import CLOSE
from channels.sms.signers import tc3
from channels.standing import Sent

VERSION = "2021-01-11"
SERVICE = "sms"
MOST_NUMBERS = 200
CONTEXT_CHARS = 500
PAGE = 100
ASKED_BACK = timedelta(hours=72)  # for how long a report is worth asking for
# It was handed on, and the answer to that was lost inside the cloud.
MAY_HAVE_GONE = ("InternalError.Timeout", "InternalError.SendAndRecvFail")
ADDRESS = re.compile(r"https?://|www\.|[\w-]+\.(?:cn|com|net|org|gov|top|vip|cc)\b", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Call:
    """A request: what is asked, and its parameters."""

    action: str
    parameters: Mapping[str, Any] = field(repr=False)

    @property
    def body(self) -> bytes:
        """The body as it is sent and signed."""
        return json.dumps(self.parameters, ensure_ascii=False, separators=(",", ":")).encode()


def headers(
    call: Call, host: str, secret_id: str, secret_key: str, *, now: datetime, region: str
) -> dict[str, str]:
    """Return the headers of a call, its signature among them.

    Args:
        call: what is asked.
        host: as the header ``Host`` will say it.
        secret_id: who asks.
        secret_key: what proves it.
        now: the moment; more than five minutes off it is refused.
        region: of the service, ``ap-guangzhou``.
    """
    timestamp = int(now.timestamp())
    return {
        "Content-Type": tc3.CONTENT_TYPE,
        "X-TC-Action": call.action,
        "X-TC-Version": VERSION,
        "X-TC-Timestamp": str(timestamp),
        "X-TC-Region": region,
        "Authorization": tc3.authorization(
            secret_id, secret_key, service=SERVICE, host=host, body=call.body, timestamp=timestamp
        ),
    }


def refused_here(item: Item) -> ContentError | None:
    """Return why Tencent would refuse an item: a variable may hold no web address."""
    for name, value in item.values:
        if ADDRESS.search(value):
            return ContentError(f"variable {name} holds a web address, which Tencent takes in templates only")
    return None


def send(batch: Batch, app: str, sign: str) -> Call:
    """Return the request that sends one text to all numbers of a batch."""
    parameters: dict[str, Any] = {
        "PhoneNumberSet": [item.text.number for item in batch],
        "SmsSdkAppId": app,
        "SignName": sign,
        "TemplateId": batch[0].template_id,
        "TemplateParamSet": [value for _, value in batch[0].values],
    }
    if ours := mark([item.text.delivery_id for item in batch], CONTEXT_CHARS):
        parameters["SessionContext"] = ours
    return Call("SendSms", parameters)


def taken(batch: Batch, answer: Mapping[str, Any], gateway: str, codes: Codes) -> list[Outcome]:
    """Return what the answer to a send means for each of its batch: Tencent says it number by number.

    Raises:
        Refused: none was taken.
        UnknownOutcomeError: what became of them it does not say.
    """
    response = answer.get("Response") or {}
    if error := refusal(response, gateway, codes):
        if isinstance(error, UnknownOutcomeError):
            raise error
        raise Refused(error, single=isinstance(error, PermanentError))
    said = response.get("SendStatusSet") or []
    by_number = {international(str(one.get("PhoneNumber", ""))): one for one in said}
    return [_outcome(by_number.get(item.text.number), gateway, codes) for item in batch]


def refusal(response: Mapping[str, Any], gateway: str, codes: Codes) -> TransportError | None:
    """Return why a response is none; None where it is one."""
    error = response.get("Error")
    if isinstance(error, Mapping):
        return _error(str(error.get("Code")), str(error.get("Message", "")), gateway, codes)
    return None if response else UnknownOutcomeError("an answer without a response", gateway=gateway)


def ask_about(sent: Sent, app: str, now: datetime) -> Call:
    """Return the request that asks what became of what a number was sent."""
    return Call("PullSmsSendStatusByPhoneNumber", _page(sent, app, now))


def ask_for_replies(sent: Sent, app: str, now: datetime) -> Call:
    """Return the request that asks what came back from a number."""
    return Call("PullSmsReplyStatusByPhoneNumber", _page(sent, app, now))


def found(sent: Sent, response: Mapping[str, Any], gateway: str, codes: Codes) -> FarReport | None:
    """Return what the response to `ask_about` says about this text; None while it knows nothing of it."""
    mine = [row for row in response.get("PullSmsSendStatusSet") or [] if _is(row, sent)]
    if len({row.get("SerialNo") for row in mine}) != 1:
        return None
    row = mine[0]
    delivered = str(row.get("ReportStatus")) == "SUCCESS"
    words = str(row.get("Description") or "")
    return FarReport(
        gateway=gateway,
        message_id=sent.message_id or sent.delivery_id,
        number=None,
        status="delivered" if delivered else "failed",
        failure=None if delivered else codes.failure(gateway, words),
        detail=reason_of(words),
    )


def replies_in(response: Mapping[str, Any], gateway: str) -> list[Reply]:
    """Return the replies of a response to `ask_for_replies`; Tencent gives them no id, so they get one of ours."""
    replies = []
    for row in response.get("PullSmsReplyStatusSet") or []:
        number = international(str(row.get("PhoneNumber") or row.get("SubscriberNumber") or ""))
        text = str(row.get("ReplyContent") or "")
        if number:
            replies.append(Reply(gateway, number, text, reply_id(number, row.get("ReplyTime"), text)))
    return replies


def reply_id(number: str, at: object, text: str) -> str:
    """Return an id for a reply that has none: the same one whether it was told or asked for."""
    return hashlib.sha256(f"{number}\n{at}\n{text}".encode("utf-8", "replace")).hexdigest()[:32]


def _outcome(said: Mapping[str, Any] | None, gateway: str, codes: Codes) -> Outcome:
    if said is None:
        return UnknownOutcomeError("the answer does not name this number", gateway=gateway)
    code, serial = str(said.get("Code")), str(said.get("SerialNo") or "")
    if code != "Ok":
        return _error(code, str(said.get("Message", "")), gateway, codes)
    if not serial:
        return UnknownOutcomeError("taken without an id", gateway=gateway)
    return Receipt(Progress.SENT, serial, gateway, (serial,))


def _error(code: str, words: str, gateway: str, codes: Codes) -> TransportError:
    if code in MAY_HAVE_GONE:
        return UnknownOutcomeError(reason_of(code, words), gateway=gateway)
    return codes.outcome(gateway, code, words)


def _page(sent: Sent, app: str, now: datetime) -> dict[str, Any]:
    begin = max(sent.sent_at - CLOSE, now - ASKED_BACK)
    return {
        "BeginTime": int(begin.timestamp()),
        "EndTime": int(now.timestamp()),
        "Offset": 0,
        "Limit": PAGE,
        "PhoneNumber": sent.number,
        "SmsSdkAppId": app,
    }


def _is(row: Mapping[str, Any], sent: Sent) -> bool:
    """Whether a status is about this text: by its id, else by its mark, else by its time alone."""
    if sent.message_id:
        return row.get("SerialNo") == sent.message_id
    ours = marked(str(row.get("SessionContext") or ""), sent.delivery_id)
    if ours is not None:
        return ours
    received = row.get("UserReceiveTime")
    if not isinstance(received, int):
        return False
    return timedelta(0) <= datetime.fromtimestamp(received, UTC) - (sent.sent_at - CLOSE) <= 2 * CLOSE
