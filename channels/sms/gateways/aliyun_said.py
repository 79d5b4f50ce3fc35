"""What Aliyun tells by calling: SmsReport and SmsUp, JSON arrays of many at once; pure.

Sources: Aliyun SMS, "SmsReport" and "SmsUp" (HTTP batch push). It tells again when it is not answered 200 with a code.
"""

from collections.abc import Mapping
from typing import Any

from channels.heard import FarReport, Reply
from channels.sms.codes import Codes, reason_of
from channels.sms.gateways.http_numbers import international

ANSWER: Mapping[str, Any] = {"code": 0, "msg": "接收成功"}


def heard(item: Mapping[str, Any], gateway: str, codes: Codes) -> FarReport | Reply:
    """Return what one item says.

    Args:
        item: of a callback: a report has a ``biz_id``, a reply ``content``.
        gateway: its name here.
        codes: what its codes mean.

    Raises:
        ValueError: it is neither, or lacks what it is about.
    """
    number = international(str(item.get("phone_number") or ""))
    if number is None:
        raise ValueError("phone_number")
    if item.get("biz_id"):
        return _report(item, gateway, codes, number)
    if "content" not in item:
        raise ValueError("biz_id")
    sequence = str(item.get("sequence_id") or "")
    return Reply(gateway, number, str(item["content"]), f"{gateway}:{sequence}" if sequence else "")


def _report(item: Mapping[str, Any], gateway: str, codes: Codes, number: str) -> FarReport:
    arrived = item.get("success")
    if not isinstance(arrived, bool):
        raise ValueError("success")
    code, words = str(item.get("err_code") or ""), str(item.get("err_msg") or "")
    return FarReport(
        gateway=gateway,
        message_id=str(item["biz_id"]),
        number=number,
        status="delivered" if arrived else "failed",
        failure=None if arrived else codes.known(gateway, code) or codes.failure(gateway, words),
        detail=reason_of(code, words),
    )
