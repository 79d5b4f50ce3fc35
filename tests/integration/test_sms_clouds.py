"""Aliyun and Tencent: what our gateways send, how they take answers, and how they find out about lost ones."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways import open_gateway
from channels.sms.gateways.gateway import Gateway, GatewayBuilding
from channels.sms.links import SmsLinks
from tests.servers.cloud_sms import SECRET, SIGN, CloudSms, cloud_sms
from tests.support.clouds import CLOUDS, TEMPLATES, Recording, gateway_at, said_at, sent, text


@pytest.fixture
def cloud() -> Iterator[CloudSms]:
    with cloud_sms() as opened:
        yield opened


@pytest.fixture(params=CLOUDS)
async def gateway(cloud: CloudSms, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    async with gateway_at(cloud, request.param) as opened:
        yield opened


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
