"""Aliyun and Tencent: our gateways and the official clients against one server, which trusts only the SDKs' signing."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_dysmsapi20170525 import models as aliyun_models
from alibabacloud_dysmsapi20170525.client import Client as AliyunClient
from alibabacloud_tea_openapi.models import Config as AliyunConfig
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.sms.v20210111 import models as tencent_models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.channel import Outcome
from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.heard import FarReport, Reply
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways import aliyun_api, open_gateway, tencent_api
from channels.sms.gateways.gateway import Gateway, GatewayBuilding, Sent, Text
from channels.sms.gateways.http_batches import Item
from channels.sms.links import SmsLinks
from channels.sms.signers import acs3
from channels.sms.templates import Filled, Registered, Variable
from tests.servers.cloud_sms import APP, KEY_ID, SECRET, SIGN, CloudSms, cloud_sms
from tests.servers.ports import free_port

CLOUDS = ("aliyun", "tencent")
TEMPLATES = {
    "aliyun": {
        "policy": Registered("SMS_1", (Variable("issuer", "issuer"), Variable("title", "title", 20))),
        "confirm": Registered("SMS_2", (Variable("code", "code"),)),
        "digest": Registered("SMS_3"),
    },
    "tencent": {
        "policy": Registered("1001", (Variable("1", "issuer"), Variable("2", "title", 20))),
        "confirm": Registered("1002", (Variable("1", "code"),)),
    },
}


@dataclass
class Recording:
    """Keeps what it hears."""

    heard: list[Reply] = field(default_factory=list)

    async def reports(self, found: Sequence[FarReport]) -> None:
        raise AssertionError("clouds report over HTTP")

    async def replies(self, found: Sequence[Reply]) -> None:
        self.heard.extend(found)


@pytest.fixture
def cloud() -> Iterator[CloudSms]:
    with cloud_sms() as opened:
        yield opened


@asynccontextmanager
async def gateway_at(
    cloud: CloudSms, kind: str, more: str = "", recording: Recording | None = None
) -> AsyncIterator[Gateway]:
    url = {"aliyun": cloud.aliyun_url, "tencent": cloud.tencent_url}[kind]
    links = SmsLinks("https://policy.example.cn", b"k" * 32)
    building = GatewayBuilding(kind, SIGN, links, recording or Recording(), load_codes(), TEMPLATES[kind])
    gateway = open_gateway(url + more, building)
    await gateway.open()
    try:
        yield gateway
    finally:
        await gateway.close()


@pytest.fixture(params=CLOUDS)
async def gateway(cloud: CloudSms, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    async with gateway_at(cloud, request.param) as opened:
        yield opened


def text(n: int, title: str = "若干措施", occasion: str = "policy", number: str = "") -> Text:
    values = {"issuer": "云山市工信局", "title": title, "code": "123456"}
    return Text(f"delivery-{n}", number or f"+861380000{n:04d}", "", True, Filled(occasion, values))


def sent(one: Text, outcome: Outcome | None = None, at: datetime | None = None) -> Sent:
    message_id = outcome.ids[0] if isinstance(outcome, Receipt) else None
    return Sent(one.delivery_id, one.number, message_id, at or datetime.now(UTC))


def said_at(cloud: CloudSms, kind: str, number: str) -> str:
    """A number as that cloud keeps it."""
    return number.removeprefix("+86") if kind == "aliyun" else number


# What is asked is what the official clients ask.


def official_aliyun(cloud: CloudSms) -> AliyunClient:
    return AliyunClient(
        AliyunConfig(access_key_id=KEY_ID, access_key_secret=SECRET, endpoint=cloud.host, protocol="http")
    )


def official_tencent(cloud: CloudSms) -> SmsClient:
    profile = ClientProfile()
    profile.httpProfile.endpoint, profile.httpProfile.scheme = cloud.host, "http"
    return SmsClient(credential.Credential(KEY_ID, SECRET), "ap-guangzhou", profile)


def item(n: int, template: str, values: dict[str, str]) -> Item:
    return Item(n, text(n), template, tuple(values.items()))


def test_one_text_for_many_is_asked_of_aliyun_as_its_own_client_asks(cloud: CloudSms) -> None:
    values = {"issuer": "云山市工信局", "title": "若干 措施+*~%"}
    batch = (item(1, "SMS_1", values), item(2, "SMS_1", values))
    ours = aliyun_api.send_alike(batch, SIGN)
    answer = official_aliyun(cloud).send_sms(
        aliyun_models.SendSmsRequest(
            phone_numbers="13800000001,13800000002",
            sign_name=SIGN,
            template_code="SMS_1",
            template_param='{"issuer":"云山市工信局","title":"若干 措施+*~%"}',
            out_id=ours.query["OutId"],
        )
    )
    assert answer.body.code == "OK"
    same_as_theirs(cloud, ours)


def test_a_text_for_each_is_asked_of_aliyun_as_its_own_client_asks(cloud: CloudSms) -> None:
    first, second = {"issuer": "甲局", "title": "一"}, {"issuer": "乙局", "title": "二"}
    ours = aliyun_api.send_personal((item(1, "SMS_1", first), item(2, "SMS_1", second)), SIGN)
    answer = official_aliyun(cloud).send_batch_sms(
        aliyun_models.SendBatchSmsRequest(
            phone_number_json='["13800000001","13800000002"]',
            sign_name_json=f'["{SIGN}","{SIGN}"]',
            template_code="SMS_1",
            template_param_json='[{"issuer":"甲局","title":"一"},{"issuer":"乙局","title":"二"}]',
            out_id=ours.query["OutId"],
        )
    )
    assert answer.body.code == "OK"
    same_as_theirs(cloud, ours)


def test_aliyun_is_asked_about_a_text_as_its_own_client_asks(cloud: CloudSms) -> None:
    at = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)  # the 2nd in Shanghai
    ours = aliyun_api.ask_about(Sent("d", "+8613800000001", "900000^0", at))
    official_aliyun(cloud).query_send_details(
        aliyun_models.QuerySendDetailsRequest(
            phone_number="13800000001", send_date="20260702", page_size=50, current_page=1, biz_id="900000^0"
        )
    )
    same_as_theirs(cloud, ours)


def same_as_theirs(cloud: CloudSms, ours: aliyun_api.Call) -> None:
    """Hold a call of ours against the last request of the official client, with its time and its nonce."""
    theirs = cloud.asked[-1]
    now = datetime.fromisoformat(theirs.headers["x-acs-date"])
    nonce = theirs.headers["x-acs-signature-nonce"]
    made = aliyun_api.headers(ours, cloud.host, KEY_ID, SECRET, now=now, nonce=nonce)
    assert ours.query == theirs.query
    assert ours.form == theirs.form
    for name in (one for one in made if one.startswith("x-acs-") and one != acs3.CONTENT_HASH):
        assert made[name] == theirs.headers[name]
    # The same headers, query and body make the same signature, to the byte.
    names = theirs.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert set(names) >= set(made) - {"Authorization"}
    again = acs3.authorization(
        KEY_ID,
        SECRET,
        method="POST",
        query=ours.query,
        headers={name: theirs.headers[name] for name in names},
        body=theirs.body,
    )
    assert again == theirs.headers["authorization"]


def test_tencent_is_asked_as_its_own_client_asks(cloud: CloudSms) -> None:
    values = {"1": "云山市工信局", "2": "若干措施"}
    ours = tencent_api.send((item(1, "1001", values), item(2, "1001", values)), APP, SIGN)
    request = tencent_models.SendSmsRequest()
    request.PhoneNumberSet = ["+8613800000001", "+8613800000002"]
    request.SmsSdkAppId, request.SignName, request.TemplateId = APP, SIGN, "1001"
    request.TemplateParamSet = ["云山市工信局", "若干措施"]
    request.SessionContext = ours.parameters["SessionContext"]
    answer = official_tencent(cloud).SendSms(request)
    assert [one.Code for one in answer.SendStatusSet] == ["Ok", "Ok"]
    theirs = cloud.asked[-1]
    made = tencent_api.headers(
        Exactly(ours.action, ours.parameters, theirs.body),
        cloud.host,
        KEY_ID,
        SECRET,
        now=datetime.fromtimestamp(int(theirs.headers["x-tc-timestamp"]), UTC),
        region="ap-guangzhou",
    )
    assert json.loads(ours.body) == json.loads(theirs.body)
    assert {name.lower(): value for name, value in made.items()}.items() <= theirs.headers.items()


@dataclass(frozen=True)
class Exactly(tencent_api.Call):
    """A call whose JSON is written as another writes it."""

    raw: bytes = b""

    @property
    def body(self) -> bytes:
        return self.raw


# What our gateways do.


async def test_texts_are_taken_and_each_has_the_id_that_reports_will_name(
    cloud: CloudSms, gateway: Gateway
) -> None:
    texts = [text(1), text(2, title="另一个")]
    outcomes = await gateway.submit(texts)
    took = sorted(cloud.took, key=lambda one: one.number)
    wanted = [{"issuer": "云山市工信局", "title": "若干措施"}, {"issuer": "云山市工信局", "title": "另一个"}]
    assert [one.values for one in took] == [
        one if gateway.name == "aliyun" else list(one.values()) for one in wanted
    ]
    for outcome, one in zip(outcomes, took, strict=True):
        assert isinstance(outcome, Receipt)
        assert (outcome.gateway, outcome.ids) == (gateway.name, (one.message_id,))


async def test_one_text_goes_to_as_many_as_the_cloud_allows_at_once(cloud: CloudSms) -> None:
    for kind, requests in (("aliyun", 3), ("tencent", 11)):
        cloud.asked.clear()
        async with gateway_at(cloud, kind) as gateway:
            outcomes = await gateway.submit([text(n) for n in range(2001)])
        assert all(isinstance(one, Receipt) for one in outcomes)
        assert len(cloud.asked) == requests


async def test_personal_texts_go_to_aliyun_a_hundred_at_once(cloud: CloudSms) -> None:
    async with gateway_at(cloud, "aliyun") as gateway:
        outcomes = await gateway.submit([text(n, title=f"第{n}号") for n in range(250)])
    assert all(isinstance(one, Receipt) for one in outcomes)
    assert cloud.actions() == ["SendBatchSms"] * 3
    assert {one.number: one.values["title"] for one in cloud.took}["13800000249"] == "第249号"


async def test_two_texts_for_one_number_do_not_share_a_request(cloud: CloudSms, gateway: Gateway) -> None:
    twice = [text(1, number="+8613800000001"), text(2, number="+8613800000001")]
    first, second = await gateway.submit(twice)
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert first.ids != second.ids


async def test_a_number_that_is_refused_costs_its_neighbours_nothing(
    cloud: CloudSms, gateway: Gateway
) -> None:
    gone = {"aliyun": "isv.MOBILE_NUMBER_ILLEGAL", "tencent": "InvalidParameterValue.IncorrectPhoneNumber"}
    busy = {"aliyun": "isv.BUSINESS_LIMIT_CONTROL", "tencent": "LimitExceeded.PhoneNumberDailyLimit"}
    cloud.refuses = {
        said_at(cloud, gateway.name, text(3).number): gone[gateway.name],
        said_at(cloud, gateway.name, text(5).number): busy[gateway.name],
    }
    outcomes = await gateway.submit([text(n) for n in range(8)])
    kinds = [type(one) for one in outcomes]
    assert kinds == [Receipt] * 3 + [PermanentError] + [Receipt] + [ThrottledError] + [Receipt] * 2
    assert isinstance(outcomes[3], PermanentError)
    assert outcomes[3].dead
    assert len(cloud.took) == 6


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        ("aliyun", "isv.SMS_SIGN_ILLEGAL", ContentError),
        ("aliyun", "isv.SMS_TEMPLATE_ILLEGAL", ContentError),
        ("aliyun", "isv.BLACK_KEY_CONTROL_LIMIT", ContentError),
        ("aliyun", "isv.OUT_OF_SERVICE", ThrottledError),
        ("aliyun", "isv.AMOUNT_NOT_ENOUGH", ThrottledError),
        ("aliyun", "isp.SYSTEM_ERROR", TemporaryError),
        ("aliyun", "Throttling.User", ThrottledError),
        ("aliyun", "InternalError", UnknownOutcomeError),
        ("tencent", "FailedOperation.SignatureIncorrectOrUnapproved", ContentError),
        ("tencent", "FailedOperation.TemplateUnapprovedOrNotExist", ContentError),
        ("tencent", "FailedOperation.ContainSensitiveWord", ContentError),
        ("tencent", "FailedOperation.InsufficientBalanceInSmsPackage", ThrottledError),
        ("tencent", "UnauthorizedOperation.ServiceSuspendDueToArrears", ThrottledError),
        ("tencent", "LimitExceeded.DeliveryFrequencyLimit", ThrottledError),
        ("tencent", "RequestLimitExceeded", ThrottledError),
        ("tencent", "InternalError.UnknownError", TemporaryError),
        ("tencent", "InternalError.Timeout", UnknownOutcomeError),
    ],
)
async def test_what_a_refusal_of_everything_means(
    cloud: CloudSms, kind: str, code: str, error: type[TransportError]
) -> None:
    cloud.errors = [code]
    async with gateway_at(cloud, kind) as gateway:
        outcomes = await gateway.submit([text(1), text(2)])
    assert [isinstance(one, error) for one in outcomes] == [True, True]
    assert all(isinstance(one, TransportError) and code in one.reason for one in outcomes)
    assert not any("13800138000" in one.reason for one in outcomes if isinstance(one, TransportError))
    assert len(cloud.asked) == 1


async def test_a_wrong_secret_pauses_the_account_and_blames_no_message(cloud: CloudSms) -> None:
    for kind in CLOUDS:
        url = {"aliyun": cloud.aliyun_url, "tencent": cloud.tencent_url}[kind].replace(SECRET, "wrong")
        links = SmsLinks("https://policy.example.cn", b"k" * 32)
        gateway = open_gateway(
            url, GatewayBuilding(kind, SIGN, links, Recording(), load_codes(), TEMPLATES[kind])
        )
        (outcome,) = await gateway.submit([text(1)])
        await gateway.close()
        assert isinstance(outcome, ThrottledError)
        assert outcome.retry_after_s >= 600
        assert "wrong" not in outcome.reason


async def test_an_occasion_without_a_registered_template_is_a_matter_of_content(
    cloud: CloudSms, gateway: Gateway
) -> None:
    outcomes = await gateway.submit([text(1, occasion="reminder"), text(2), replace(text(3), template=None)])
    assert [type(one) for one in outcomes] == [ContentError, Receipt, ContentError]
    assert "reminder" in str(outcomes[0])


async def test_tencent_is_not_even_asked_to_take_a_web_address_in_a_variable(cloud: CloudSms) -> None:
    async with gateway_at(cloud, "tencent") as gateway:
        outcomes = await gateway.submit([text(1, title="见 http://a.cn"), text(2, title="见policy.gov.cn")])
    assert [type(one) for one in outcomes] == [ContentError, ContentError]
    assert not cloud.asked


# A lost answer: asked about, never sent again.


async def test_a_lost_answer_is_unknown_and_asking_finds_out(cloud: CloudSms, gateway: Gateway) -> None:
    cloud.silent = 1
    texts = [text(1), text(2)]
    outcomes = await gateway.submit(texts)
    assert [type(one) for one in outcomes] == [UnknownOutcomeError] * 2
    assert isinstance(outcomes[0], UnknownOutcomeError)
    assert outcomes[0].gateway == gateway.name
    assert len(cloud.asked) == 1, "a text that may have gone is not sent again"
    arrived = {"aliyun": "DELIVERED", "tencent": "SUCCESS"}[gateway.name]
    cloud.became = {one.number: arrived for one in cloud.took}
    reports = await gateway.query([sent(one) for one in texts])
    assert [(one.message_id, one.status) for one in reports] == [
        ("delivery-1", "delivered"),
        ("delivery-2", "delivered"),
    ]


async def test_a_text_that_never_went_is_not_settled_by_another_one_to_the_same_number(
    cloud: CloudSms, gateway: Gateway
) -> None:
    await gateway.submit([text(1, number="+8613800000001")])
    cloud.became = {
        one.number: {"aliyun": "DELIVERED", "tencent": "SUCCESS"}[gateway.name] for one in cloud.took
    }
    assert await gateway.query([sent(text(2, number="+8613800000001"))]) == []


async def test_where_marks_do_not_come_back_the_time_tells_texts_apart(cloud: CloudSms) -> None:
    cloud.hands_marks_back = False
    async with gateway_at(cloud, "tencent") as gateway:
        await gateway.submit([text(1)])
        cloud.became = {text(1).number: "SUCCESS"}
        now = datetime.now(UTC)
        (report,) = await gateway.query([sent(text(1), at=now)])
        assert report.message_id == "delivery-1"
        assert await gateway.query([sent(text(1), at=now - timedelta(hours=2))]) == []


async def test_asking_about_what_was_taken_says_how_far_it_came(cloud: CloudSms, gateway: Gateway) -> None:
    texts = [text(n) for n in range(3)]
    outcomes = await gateway.submit(texts)
    failed = {"aliyun": "MOBILE_NOT_ON_SERVICE", "tencent": "CB:0001"}[gateway.name]
    arrived = {"aliyun": "DELIVERED", "tencent": "SUCCESS"}[gateway.name]
    cloud.became = {
        said_at(cloud, gateway.name, texts[0].number): arrived,
        said_at(cloud, gateway.name, texts[1].number): failed,
    }
    asked = [sent(one, outcome) for one, outcome in zip(texts, outcomes, strict=True)]
    found = {one.number or one.message_id: one for one in await gateway.query(asked)}
    first, second = (
        found[one.number if gateway.name == "aliyun" else str(one.message_id)] for one in asked[:2]
    )
    assert (first.status, first.failure, first.message_id) == ("delivered", None, asked[0].message_id)
    assert (second.status, second.failure, second.detail) == ("failed", "gone", failed)
    assert all(one.status == "accepted" for one in found.values() if one not in (first, second))


async def test_what_people_answered_is_asked_of_tencent_too_and_named_the_same_each_time(
    cloud: CloudSms,
) -> None:
    recording = Recording()
    at = int(datetime.now(UTC).timestamp())
    cloud.replied = {text(1).number: [(at, "退订"), (at + 1, "好的")]}
    async with gateway_at(cloud, "tencent", recording=recording) as gateway:
        for _ in range(2):
            await gateway.query([sent(text(1))])
    assert [(one.number, one.text) for one in recording.heard] == [
        (text(1).number, "退订"),
        (text(1).number, "好的"),
    ] * 2
    assert len({one.message_id for one in recording.heard}) == 2


# The far side away, slow or strange.


async def test_a_cloud_that_takes_no_connection_is_tried_again_later() -> None:
    nowhere = CloudSms(port=free_port())
    for kind in CLOUDS:
        async with gateway_at(nowhere, kind) as gateway:
            outcomes = await gateway.submit([text(1), text(2)])
            assert [type(one) for one in outcomes] == [UnreachableError] * 2
            with pytest.raises(UnreachableError):
                await gateway.query([sent(text(1))])


async def test_an_answer_that_does_not_come_in_time_is_unknown(cloud: CloudSms) -> None:
    late = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await late.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    silent = CloudSms(port=server.sockets[0].getsockname()[1])
    for kind in CLOUDS:
        async with gateway_at(silent, kind, "&timeout=0.2") as gateway:
            (outcome,) = await gateway.submit([text(1)])
        assert isinstance(outcome, UnknownOutcomeError)
    late.set()
    server.close()


@asynccontextmanager
async def answering(content: bytes, status: int = 200, pause_s: float = 0.0) -> AsyncIterator[CloudSms]:
    """Something at the cloud's place that always says the same, perhaps byte by byte."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
        try:
            for byte in head.encode() + content if pause_s else ():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(pause_s)
            if not pause_s:
                writer.write(head.encode() + content)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield CloudSms(port=server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, UnknownOutcomeError),
        (502, UnknownOutcomeError),
        (503, ThrottledError),
        (429, ThrottledError),
        (403, TemporaryError),
    ],
)
@pytest.mark.parametrize("page", [b"<html>proxy</html>", b'{"error": "bad gateway"}', b"[]", b""])
async def test_what_something_before_the_cloud_says_is_no_answer_of_the_cloud(
    status: int, error: type[TransportError], page: bytes
) -> None:
    async with answering(page, status) as proxy:
        for kind in CLOUDS:
            async with gateway_at(proxy, kind) as gateway:
                (outcome,) = await gateway.submit([text(1)])
            assert type(outcome) is error


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("aliyun", {"Code": "OK"}),
        ("aliyun", {"Code": "OK", "BizId": 7}),
        ("tencent", {"Response": {}}),
        ("tencent", {"Response": []}),
        ("tencent", {"Response": "fine"}),
        ("tencent", {"Response": {"SendStatusSet": [], "RequestId": "r"}}),
        ("tencent", {"Response": {"SendStatusSet": [None], "RequestId": "r"}}),
        ("tencent", {"Response": {"SendStatusSet": {"Code": "Ok"}, "RequestId": "r"}}),
        ("tencent", {"Response": {"SendStatusSet": [{"Code": "Ok", "PhoneNumber": "+8613800000001"}]}}),
    ],
)
async def test_an_answer_of_another_shape_may_mean_that_it_went(kind: str, answer: dict[str, Any]) -> None:
    async with answering(json.dumps(answer).encode()) as strange, gateway_at(strange, kind) as gateway:
        outcomes = await gateway.submit([text(1), text(2)])
        assert [type(one) for one in outcomes] == [UnknownOutcomeError] * 2
        assert all(isinstance(one, UnknownOutcomeError) and one.gateway == kind for one in outcomes)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("aliyun", {"Code": "OK", "SmsSendDetailDTOs": [1]}),
        ("aliyun", {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [7]}}),
        ("tencent", {"Response": {"PullSmsSendStatusSet": [7]}}),
    ],
)
async def test_asking_that_is_answered_in_another_shape_is_tried_another_time(
    kind: str, answer: dict[str, Any]
) -> None:
    async with answering(json.dumps(answer).encode()) as strange, gateway_at(strange, kind) as gateway:
        with pytest.raises(TemporaryError):
            await gateway.query([sent(text(1))])


async def test_a_cloud_that_says_a_byte_now_and_then_does_not_hold_a_text_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("channels.sms.gateways.http_cloud.CONNECT_TIMEOUT_S", 0.1)
    async with answering(b"x" * 100, pause_s=0.05) as slow:
        for kind in CLOUDS:
            async with gateway_at(slow, kind, "&timeout=0.2") as gateway, asyncio.timeout(2):
                (outcome,) = await gateway.submit([text(1)])
            assert isinstance(outcome, UnknownOutcomeError)


@pytest.mark.parametrize(
    ("kind", "url", "complaint"),
    [
        ("aliyun", "aliyun://only-a-key@dysmsapi.aliyuncs.com", "a key, a secret and a host"),
        ("aliyun", "aliyun://k:topsecret@dysmsapi.aliyuncs.com?singature=x", "unknown option singature"),
        ("aliyun", "aliyun://k:topsecret@dysmsapi.aliyuncs.com?plain=1", "this machine alone"),
        ("aliyun", "aliyun://k:topsecret@dysmsapi.aliyuncs.com?timeout=soon", "timeout takes seconds"),
        ("tencent", "tencent://k:topsecret@sms.tencentcloudapi.com", "?app="),
    ],
)
def test_a_wrong_url_is_named_without_its_secret(kind: str, url: str, complaint: str) -> None:
    building = GatewayBuilding(kind, SIGN, SmsLinks("https://a.cn", b"k"), Recording(), load_codes())
    with pytest.raises(ValueError, match=re.escape(complaint)) as caught:
        open_gateway(url, building)
    assert "topsecret" not in str(caught.value)
