"""Aliyun's side of the test clouds; signatures are judged by the official SDK's own code."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.utils import Utils

from tests.servers.cloud_sms_state import (
    ALIYUN_TEMPLATES,
    KEY_ID,
    SECRET,
    SHANGHAI,
    SIGN,
    Asked,
    CloudSms,
    Took,
    said,
)


def aliyun(cloud: CloudSms, asked: Asked) -> tuple[int, dict[str, Any]]:
    if wrong := aliyun_unsigned(cloud, asked):
        return 400, {"Code": wrong, "Message": wrong, "RequestId": "r"}
    if cloud.errors:
        code = cloud.errors.pop(0)
        return 200, {"Code": code, "Message": f"{code} for 13800138000", "RequestId": "r"}
    action = asked.headers["x-acs-action"]
    if action == "QuerySendDetails":
        return 200, aliyun_details(cloud, asked.query)
    given = asked.query | asked.form
    if action == "SendSms":
        numbers = given["PhoneNumbers"].split(",")
        values = [json.loads(given.get("TemplateParam", "{}"))] * len(numbers)
        signs, most = [given["SignName"]] * len(numbers), 1000
    else:
        numbers = json.loads(given["PhoneNumberJson"])
        values = json.loads(given.get("TemplateParamJson", "null")) or [{}] * len(numbers)
        signs, most = json.loads(given["SignNameJson"]), 100
    code = aliyun_refusal(cloud, given["TemplateCode"], numbers, values, signs, most)
    if code:
        return 200, {"Code": code, "Message": code, "RequestId": "r"}
    biz_id = f"{900_000 + len(cloud.took)}^0"
    for number, one in zip(numbers, values, strict=True):
        took = Took(
            "aliyun",
            number,
            given["TemplateCode"],
            one,
            signs[0],
            given.get("OutId", ""),
            biz_id,
            cloud.now(),
        )
        cloud.took.append(took)
    return 200, {"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": "r"}


def aliyun_unsigned(cloud: CloudSms, asked: Asked) -> str:
    """What is wrong with a signature, in the gateway's words; "" for a genuine one."""
    given = asked.headers["authorization"]
    names = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    if not {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"} <= set(names):
        return "IncompleteSignature"
    payload = Utils.hash(asked.body, "ACS3-HMAC-SHA256").hex()
    if asked.headers["x-acs-content-sha256"] != payload:
        return "SignatureDoesNotMatch"
    request = SimpleNamespace(
        method="POST",
        pathname=urlsplit(asked.target).path,
        query=asked.query,
        headers={name: asked.headers[name] for name in names},
    )
    if given != Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, KEY_ID, SECRET):
        return "SignatureDoesNotMatch"
    at = datetime.strptime(asked.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if abs(at - cloud.now()) > timedelta(minutes=15):
        return "InvalidTimeStamp.Expired"
    nonce = asked.headers["x-acs-signature-nonce"]
    if nonce in cloud.nonces:
        return "SignatureNonceUsed"
    cloud.nonces.add(nonce)
    return ""


def aliyun_refusal(
    cloud: CloudSms, template: str, numbers: list[str], values: list[Any], signs: list[str], most: int
) -> str:
    if len(numbers) > most or len(set(numbers)) != len(numbers):
        return "isv.MOBILE_COUNT_OVER_LIMIT"
    if len(values) != len(numbers) or len(signs) != len(numbers):
        return "isv.INVALID_PARAMETERS"
    if any(sign != SIGN for sign in signs):
        return "isv.SMS_SIGN_ILLEGAL"
    if template not in ALIYUN_TEMPLATES:
        return "isv.SMS_TEMPLATE_ILLEGAL"
    if any(set(one) != ALIYUN_TEMPLATES[template] for one in values):
        return "isv.TEMPLATE_MISSING_PARAMETERS"
    if not all(len(number) == 11 and number.isdecimal() for number in numbers):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    return next((cloud.refuses[number] for number in numbers if number in cloud.refuses), "")


def aliyun_details(cloud: CloudSms, given: dict[str, str]) -> dict[str, Any]:
    rows = []
    for one in cloud.took:
        day = f"{one.at.astimezone(SHANGHAI):%Y%m%d}"
        if (
            one.number != given["PhoneNumber"]
            or given["SendDate"] != day
            or given.get("BizId", one.message_id) != one.message_id
        ):
            continue
        code = cloud.became.get(one.number)
        rows.append(
            {
                "PhoneNum": one.number,
                "SendStatus": 1 if code is None else 3 if code == "DELIVERED" else 2,
                "ErrCode": code or "",
                "OutId": one.mark,
                "SendDate": said(one.at),
                "TemplateCode": one.template,
                "Content": "…",
            }
        )
    return {"Code": "OK", "TotalCount": str(len(rows)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}
