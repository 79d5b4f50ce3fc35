"""The signers against the official SDKs' own signing code: the same request, time and nonce, the same bytes."""

from types import SimpleNamespace
from typing import Any

import pytest
from alibabacloud_tea_openapi.utils import Utils
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.sms.signers import acs3, tc3

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VISIBLE = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9.]{0,12}", fullmatch=True)
KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=40)


def official_acs3(key: str, secret: str, query: Any, headers: Any, body: bytes) -> str:
    request = SimpleNamespace(method="POST", pathname="/", query=dict(query), headers=dict(headers))
    payload = Utils.hash(body, acs3.ALGORITHM).hex()
    signed: str = Utils.get_authorization(request, acs3.ALGORITHM, payload, key, secret)
    return signed


@given(
    key=KEYS,
    secret=KEYS,
    query=st.dictionaries(NAMES, TEXTS, max_size=6),
    extra=st.dictionaries(st.from_regex(r"x-acs-[a-z]{1,10}", fullmatch=True), VISIBLE, max_size=4),
    body=st.binary(max_size=100),
)
def test_aliyun_requests_are_signed_as_the_official_sdk_signs_them(
    key: str, secret: str, query: dict[str, str], extra: dict[str, str], body: bytes
) -> None:
    headers = {"host": "dysmsapi.aliyuncs.com", "X-Acs-Action": "SendSms", **extra}
    ours = acs3.authorization(key, secret, method="POST", query=query, headers=headers, body=body)
    assert ours == official_acs3(key, secret, query, headers, body)


@pytest.mark.parametrize(
    "text", ["a b", "a+b", "a*b", "~", "%7E", "/?&=:,", "云山市", "😀", "\n", "", "[1,2]", "{'a'}", "!()"]
)
def test_every_character_is_encoded_as_the_official_sdk_encodes_it(text: str) -> None:
    headers = {"host": "h"}
    ours = acs3.authorization("k", "s", method="POST", query={"P": text}, headers=headers, body=b"")
    assert ours == official_acs3("k", "s", {"P": text}, headers, b"")


def official_tc3(
    key: str, secret: str, host: str, service: str, params: Any, now: float
) -> tuple[bytes, str]:
    """Return the body and the header that the official client would send at this moment."""
    profile = ClientProfile()
    profile.httpProfile.endpoint = host
    client = SmsClient(credential.Credential(key, secret), "ap-guangzhou", profile)
    client._service = service
    request = SimpleNamespace(method="POST", uri="/", header={}, data="", host=host)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tencentcloud.common.abstract_client.time.time", lambda: now)
        client._build_req_with_tc3_signature("SendSms", params, request)
    return request.data.encode(), request.header["Authorization"]


@given(
    key=KEYS,
    secret=KEYS,
    host=st.sampled_from(["sms.tencentcloudapi.com", "127.0.0.1:18090"]),
    params=st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, max_size=3), max_size=4),
    now=st.integers(0, 4_000_000_000),
)
def test_tencent_requests_are_signed_as_the_official_sdk_signs_them(
    key: str, secret: str, host: str, params: dict[str, Any], now: int
) -> None:
    body, theirs = official_tc3(key, secret, host, "sms", params, now)
    assert tc3.authorization(key, secret, service="sms", host=host, body=body, timestamp=now) == theirs


def test_the_day_of_a_tencent_signature_is_that_of_utc() -> None:
    late = 1_767_225_599  # 2025-12-31T23:59:59Z, the next day in Shanghai
    assert "/2025-12-31/" in tc3.authorization("k", "s", service="sms", host="h", body=b"", timestamp=late)
