"""Aliyun's and Tencent's short message services on one port of 127.0.0.1, as far as gateways use them.

Signatures are judged by the official SDKs' own signing code; their clients may talk to it as well as ours.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from alibabacloud_tea_openapi.utils import Utils
from tencentcloud.common import credential
from tencentcloud.sms.v20210111.sms_client import SmsClient

KEY_ID, SECRET = "AKIDtests", "secret-of-the-tests"
APP, SIGN = "1400000000", "云山政策"
SHANGHAI = timezone(timedelta(hours=8))
ALIYUN_TEMPLATES = {"SMS_1": {"issuer", "title"}, "SMS_2": {"code"}, "SMS_3": set[str]()}
TENCENT_TEMPLATES = {"1001": 2, "1002": 1}


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Took:
    """A message that was taken."""

    cloud: str
    number: str
    template: str
    values: Any
    sign: str
    mark: str
    message_id: str
    at: datetime


@dataclass
class CloudSms:
    """What it was asked and took, and what it is to answer.

    Attributes:
        refuses: code by number; Aliyun refuses the whole request for one of them, Tencent that number.
        errors: codes for the next whole requests, first come.
        silent: how many requests are taken and then not answered: the connection ends.
        became: code of the report by number; ``DELIVERED`` and ``SUCCESS`` say that it arrived.
        replied: what numbers answered, for who asks: number -> (seconds since 1970, text).
        hands_marks_back: whether Tencent returns the SessionContext (an option of its accounts).
    """

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    took: list[Took] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    silent: int = 0
    became: dict[str, str] = field(default_factory=dict)
    replied: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    hands_marks_back: bool = True
    nonces: set[str] = field(default_factory=set)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def aliyun_url(self) -> str:
        return f"aliyun://{KEY_ID}:{SECRET}@{self.host}?plain=1&sign={SIGN}"

    @property
    def tencent_url(self) -> str:
        return f"tencent://{KEY_ID}:{SECRET}@{self.host}?plain=1&app={APP}&sign={SIGN}"

    def actions(self) -> list[str]:
        return [one.headers.get("x-acs-action") or one.headers.get("x-tc-action", "") for one in self.asked]

    def answer(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.asked.append(asked)
            return aliyun(self, asked) if "x-acs-action" in asked.headers else tencent(self, asked)

    def aliyun_reports(self) -> list[dict[str, Any]]:
        """The callback about everything that Aliyun took, as its SmsReport has it."""
        return [
            {
                "phone_number": one.number,
                "send_time": said(one.at),
                "report_time": said(one.at),
                "success": self.became.get(one.number, "DELIVERED") == "DELIVERED",
                "err_code": self.became.get(one.number, "DELIVERED"),
                "err_msg": "",
                "sms_size": "1",
                "biz_id": one.message_id,
                "out_id": one.mark,
            }
            for one in self.took
            if one.cloud == "aliyun"
        ]

    def tencent_reports(self) -> list[dict[str, Any]]:
        """The callback about everything that Tencent took."""
        return [
            {
                "user_receive_time": said(one.at),
                "nationcode": "86",
                "mobile": one.number.removeprefix("+86"),
                "report_status": "SUCCESS" if self.became.get(one.number, "SUCCESS") == "SUCCESS" else "FAIL",
                "errmsg": self.became.get(one.number, "DELIVRD"),
                "description": "",
                "sid": one.message_id,
            }
            for one in self.took
            if one.cloud == "tencent"
        ]


@contextmanager
def cloud_sms() -> Iterator[CloudSms]:
    """A server on a free port."""
    cloud = CloudSms()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = cloud.answer(Asked(self.path, headers, body))
            if cloud.silent:
                cloud.silent -= 1
                self.close_connection = True
                return
            raw = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        cloud.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            thread.join(5)


def said(moment: datetime) -> str:
    """A moment as both clouds write it."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


# Aliyun


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


# Tencent


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
