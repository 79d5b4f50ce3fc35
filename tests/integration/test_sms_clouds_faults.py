"""Aliyun and Tencent away, slow, strange, or wrongly set up."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.errors import (
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.sms.codes import load_codes
from channels.sms.gateways import open_gateway
from channels.sms.gateways.gateway import GatewayBuilding
from channels.sms.links import SmsLinks
from tests.servers.cloud_sms import SIGN, CloudSms, cloud_sms
from tests.servers.ports import free_port
from tests.support.clouds import CLOUDS, Recording, gateway_at, sent, text


@pytest.fixture
def cloud() -> Iterator[CloudSms]:
    with cloud_sms() as opened:
        yield opened


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
    async with answering(b"x" * 100, pause_s=0.1) as slow:
        for kind in CLOUDS:
            async with gateway_at(slow, kind, "&timeout=0.2") as gateway, asyncio.timeout(60):
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
