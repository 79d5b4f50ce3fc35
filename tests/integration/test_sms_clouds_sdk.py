"""The official clients and our gateways ask the same of Aliyun and Tencent: parameters, headers, signatures."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from alibabacloud_dysmsapi20170525 import models as aliyun_models
from alibabacloud_dysmsapi20170525.client import Client as AliyunClient
from alibabacloud_tea_openapi.models import Config as AliyunConfig
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.sms.v20210111 import models as tencent_models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.sms.gateways import aliyun_api, tencent_api
from channels.sms.gateways.http_batches import Item
from channels.sms.signers import acs3
from channels.standing import Sent
from tests.servers.cloud_sms import APP, KEY_ID, SECRET, SIGN, CloudSms, cloud_sms
from tests.support.clouds import text


@pytest.fixture
def cloud() -> Iterator[CloudSms]:
    with cloud_sms() as opened:
        yield opened


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
    assert_same_as_theirs(cloud, ours)


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
    assert_same_as_theirs(cloud, ours)


def test_aliyun_is_asked_about_a_text_as_its_own_client_asks(cloud: CloudSms) -> None:
    at = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)  # the 2nd in Shanghai
    ours = aliyun_api.ask_about(Sent("d", "+8613800000001", "900000^0", at))
    official_aliyun(cloud).query_send_details(
        aliyun_models.QuerySendDetailsRequest(
            phone_number="13800000001", send_date="20260702", page_size=50, current_page=1, biz_id="900000^0"
        )
    )
    assert_same_as_theirs(cloud, ours)


def assert_same_as_theirs(cloud: CloudSms, ours: aliyun_api.Call) -> None:
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
