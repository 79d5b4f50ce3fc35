"""What Tencent tells by calling: reports as a JSON array, a reply as one object; pure.

Sources: Tencent Cloud SMS, "SMS sending status notification" and "SMS reply". It tells again when it is not answered
with ``result`` 0.
"""

from collections.abc import Mapping
from typing import Any

from channels.heard import FarReport, Reply
from channels.sms.codes import Codes, reason_of
from channels.sms.gateways.http_numbers import international
from channels.sms.gateways.tencent_api import reply_id

ANSWER: Mapping[str, Any] = {"result": 0, "errmsg": "OK"}


def heard(item: Mapping[str, Any], gateway: str, codes: Codes) -> FarReport | Reply:
    """Return what one item says.

    Args:
        item: of a callback: a report has a ``sid``, a reply ``text``.
        gateway: its name here.
        codes: what its codes mean.

    Raises:
        ValueError: it is neither, or lacks what it is about.
    """
    number = international(str(item.get("mobile") or ""), str(item.get("nationcode") or "86"))
    if number is None:
        raise ValueError("mobile")
    if item.get("sid"):
        return _report(item, gateway, codes)
    if "text" not in item:
        raise ValueError("sid")
    text = str(item["text"])
    return Reply(gateway, number, text, reply_id(number, item.get("time"), text))


def _report(item: Mapping[str, Any], gateway: str, codes: Codes) -> FarReport:
    status = str(item.get("report_status") or "")
    if status not in ("SUCCESS", "FAIL"):
        raise ValueError("report_status")
    code, words = str(item.get("errmsg") or ""), str(item.get("description") or "")
    failed = status == "FAIL"
    return FarReport(
        gateway=gateway,
        message_id=str(item["sid"]),
        number=None,
        status="failed" if failed else "delivered",
        failure=codes.known(gateway, code) or codes.failure(gateway, words) if failed else None,
        detail=reason_of(code, words),
    )
