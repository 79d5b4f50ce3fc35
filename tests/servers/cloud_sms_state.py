"""What the test clouds were asked and took, and what they are to answer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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


def said(moment: datetime) -> str:
    """A moment as both clouds write it."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
