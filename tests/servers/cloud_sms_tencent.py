"""Tencent's side of the test clouds; signatures are judged by the official SDK's own code."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tencentcloud.common import credential
from tencentcloud.sms.v20210111.sms_client import SmsClient

from tests.servers.cloud_sms_state import (
    APP,
    KEY_ID,
    SECRET,
    SIGN,
    TENCENT_TEMPLATES,
    Asked,
    CloudSms,
    Took,
)


def tencent(cloud: CloudSms, asked: Asked) -> tuple[int, dict[str, Any]]:
    if wrong := tencent_unsigned(cloud, asked):
        return 200, {"Response": {"Error": {"Code": wrong, "Message": wrong}, "RequestId": "r"}}
    if cloud.errors:
        code = cloud.errors.pop(0)
        return 200, {"Response": {"Error": {"Code": code, "Message": "+8613800138000"}, "RequestId": "r"}}
    given = json.loads(asked.body)
    assert given["SmsSdkAppId"] == APP
    action = asked.headers["x-tc-action"]
    if action == "PullSmsReplyStatusByPhoneNumber":
        return 200, {"Response": {"PullSmsReplyStatusSet": tencent_replies(cloud, given), "RequestId": "r"}}
    if action == "PullSmsSendStatusByPhoneNumber":
        return 200, {"Response": {"PullSmsSendStatusSet": tencent_statuses(cloud, given), "RequestId": "r"}}
    numbers = given["PhoneNumberSet"]
    code = ""
    if len(numbers) > 200:
        code = "LimitExceeded.PhoneNumberCountLimit"
    elif given["SignName"] != SIGN:
        code = "FailedOperation.SignatureIncorrectOrUnapproved"
    elif TENCENT_TEMPLATES.get(given["TemplateId"]) != len(given["TemplateParamSet"]):
        code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    said = [tencent_status(cloud, number, given, code) for number in numbers]
    return 200, {"Response": {"SendStatusSet": said, "RequestId": "r"}}


def tencent_status(cloud: CloudSms, number: str, given: dict[str, Any], code: str) -> dict[str, Any]:
    code = code or cloud.refuses.get(number, "Ok")
    serial = ""
    context = given.get("SessionContext", "")
    if code == "Ok":
        serial = f"2019:{len(cloud.took)}"
        values = given["TemplateParamSet"]
        took = Took(
            "tencent", number, given["TemplateId"], values, given["SignName"], context, serial, cloud.now()
        )
        cloud.took.append(took)
    return {
        "SerialNo": serial,
        "PhoneNumber": number,
        "Fee": int(code == "Ok"),
        "SessionContext": context,
        "Code": code,
        "Message": "send success" if code == "Ok" else code,
        "IsoCode": "CN",
    }


def tencent_unsigned(cloud: CloudSms, asked: Asked) -> str:
    """What is wrong with a signature, in the service's words; "" for a genuine one."""
    at = int(asked.headers["x-tc-timestamp"])
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    header = {
        "Content-Type": asked.headers["content-type"],
        "Host": asked.headers["host"],
        "X-TC-Timestamp": str(at),
    }
    request = SimpleNamespace(method="POST", uri="/", header=header, data=asked.body)
    judge = SmsClient(credential.Credential(KEY_ID, SECRET), "")
    signature = judge._get_tc3_signature({}, request, day, "sms", SECRET)
    wanted = (
        f"TC3-HMAC-SHA256 Credential={KEY_ID}/{day}/sms/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}"
    )
    if asked.headers["authorization"] != wanted:
        return "AuthFailure.SignatureFailure"
    if abs(at - cloud.now().timestamp()) > 300:
        return "AuthFailure.SignatureExpire"
    return "" if asked.headers["x-tc-version"] == "2021-01-11" else "InvalidParameter"


def tencent_statuses(cloud: CloudSms, given: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "UserReceiveTime": int(one.at.timestamp()),
            "CountryCode": "86",
            "SubscriberNumber": one.number.removeprefix("+86"),
            "PhoneNumber": one.number,
            "SerialNo": one.message_id,
            "ReportStatus": "SUCCESS" if cloud.became[one.number] == "SUCCESS" else "FAIL",
            "Description": cloud.became[one.number],
            "SessionContext": one.mark if cloud.hands_marks_back else "",
        }
        for one in cloud.took
        if one.number == given["PhoneNumber"]
        and given["BeginTime"] <= one.at.timestamp() <= given["EndTime"] + 1
        and one.number in cloud.became
    ]


def tencent_replies(cloud: CloudSms, given: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "ExtendCode": "",
            "CountryCode": "86",
            "PhoneNumber": given["PhoneNumber"],
            "SubscriberNumber": given["PhoneNumber"].removeprefix("+86"),
            "SignName": SIGN,
            "ReplyContent": text,
            "ReplyTime": at,
        }
        for at, text in cloud.replied.get(given["PhoneNumber"], [])
        if at >= given["BeginTime"]
    ]
