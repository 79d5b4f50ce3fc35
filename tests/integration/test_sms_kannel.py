"""The SMS channel and a real Kannel: what it takes, what it reports, what it hands over."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.errors import TemporaryError, ThrottledError
from channels.message import Receipt
from channels.sms import SmsChannel, SmsLinks
from channels.sms.gateways.kannel_answers import status_of
from channels.sms.replies import decoded, wants_out
from channels.sms.segments import segments
from config.settings import Settings
from service.cli.gateway import REPLIES
from service.sms_check import check_sms
from tests.servers.kannel import KannelServer
from tests.servers.messages import content, message
from tests.servers.web_server import serving
from tests.support.sms import kannel_channel

pytestmark = pytest.mark.kannel

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "+8613800138000"


class House:
    """Stands for the service: keeps what Kannel asks."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        routes = [Route(path, self._take) for path in ("/sms/report", "/sms/incoming")]
        self.app = Starlette(routes=routes)

    async def _take(self, request: Request) -> Response:
        given = dict(parse_qsl(request.url.query, keep_blank_values=True, encoding="latin-1"))
        self.asked.append((request.url.path, given))
        return Response()

    async def wait(self, path: str, count: int) -> list[dict[str, str]]:
        """Wait until Kannel has asked this so often."""
        async with asyncio.timeout(60):
            while len(found := [given for at, given in self.asked if at == path]) < count:
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def house() -> AsyncIterator[tuple[House, SmsLinks]]:
    opened = House()
    async with serving(opened.app) as url:
        yield opened, SmsLinks(url, b"k" * 32)


async def started(kannel: KannelServer, links: SmsLinks) -> SmsChannel:
    await asyncio.to_thread(kannel.start, links.incoming())
    return kannel_channel(kannel.url, links, "云山政策")


async def test_a_text_goes_out_whole_and_its_report_comes_back_under_its_own_address(
    house: tuple[House, SmsLinks], kannel: KannelServer
) -> None:
    service, links = house
    channel = await started(kannel, links)
    long = message(
        2, address="+8613900139000", content=content(title="关于支持企业的措施" * 6, issuer="云山" * 12)
    )
    outcomes = await channel.send([message(1, address=NUMBER), long])
    await channel.close()
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt]
    reports = await service.wait("/sms/report", 4)
    assert kannel.carrier is not None
    (short,) = kannel.carrier.texts(NUMBER)
    assert short.startswith("【云山政策】云山市工业和信息化局发布《")
    assert short.endswith("退订回T")
    (whole,) = kannel.carrier.texts("+8613900139000")
    parts = [one for one in kannel.carrier.taken() if one.number == "+8613900139000"]
    assert len(parts) == segments(whole).parts > 1
    assert {(one["id"], status_of(int(one["status"]))) for one in reports} == {
        (message(n).delivery_id, said) for n in (1, 2) for said in ("accepted", "delivered")
    }
    assert all(links.reports_about(one["id"], one["token"]) for one in reports)


async def test_a_reply_is_handed_over_with_its_number_and_its_words(
    house: tuple[House, SmsLinks], kannel: KannelServer
) -> None:
    service, links = house
    await started(kannel, links)
    assert kannel.carrier is not None
    for text in ("TD", "ｔｄ 。", "退订", "请问怎么申报 +1"):
        kannel.carrier.answer(NUMBER, text)
    replies = await service.wait("/sms/incoming", 4)
    read = {decoded(one["text"].encode("latin-1"), one["charset"], one["coding"]): one for one in replies}
    assert {text: wants_out(text) for text in read} == {
        "TD": True,
        "ｔｄ 。": True,
        "退订": True,
        "请问怎么申报 +1": False,
    }
    assert {one["from"] for one in replies} == {NUMBER}
    assert all(links.hands_over(one["token"]) for one in replies)
    assert len({one["id"] for one in replies}) == 4


async def test_a_wrong_password_costs_no_attempt_and_a_gateway_that_is_away_waits(
    house: tuple[House, SmsLinks], kannel: KannelServer
) -> None:
    _, links = house
    channel = await started(kannel, links)
    stranger = kannel_channel(kannel.url.replace("gov-secret", "wrong"), links)
    (refused,) = await stranger.send([message(1, address=NUMBER)])
    assert isinstance(refused, ThrottledError)
    kannel.stop()
    (away,) = await channel.send([message(1, address=NUMBER)])
    assert isinstance(away, TemporaryError)
    await channel.close()
    await stranger.close()


async def test_the_doctor_asks_the_gateway_without_sending_anything(
    house: tuple[House, SmsLinks], kannel: KannelServer
) -> None:
    _, links = house
    await started(kannel, links)
    good = Settings(sms_url=kannel.url, public_url="https://policy.example.cn")
    assert (await check_sms(good)).status == "ok"
    assert (await check_sms(Settings(sms_url=kannel.url))).status == "warning"
    bad = Settings(sms_url=kannel.url.replace("gov-secret", "wrong"))
    assert (await check_sms(bad)).status == "failed"
    assert kannel.carrier is not None
    assert kannel.carrier.taken() == []
    kannel.stop()
    away = await check_sms(good)
    assert (away.status, "gov-secret" in away.detail) == ("failed", False)


def documented(kannel: KannelServer) -> str:
    """The configuration of docs/operations.md, on the test's ports and with the test's carrier."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    found = re.search(r"^```\n(group = core\n.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    ports = kannel.ports
    fake = f"smsc = fake\nsmsc-id = carrier\nhost = 127.0.0.1\nport = {ports['carrier']}\n"
    config = re.sub(
        r"smsc = smpp\n.*?\n\n", fake + "connect-allow-ip = 127.0.0.1\n\n", found[1], flags=re.DOTALL
    )
    for documented, here in (("13000", "admin"), ("13001", "smsbox"), ("13013", "sendsms")):
        assert f"-port = {documented}\n" in config
        config = config.replace(documented, str(ports[here]))
    (kannel.folder / "spool").mkdir()
    return config.replace("/var/spool/kannel", str(kannel.folder / "spool"))


async def test_the_documented_configuration_sends_reports_and_hands_over(
    house: tuple[House, SmsLinks], kannel: KannelServer
) -> None:
    service, links = house
    replies = REPLIES.format(most=0, incoming_url=links.incoming())
    carrier = await asyncio.to_thread(kannel.start, config=f"{documented(kannel)}\n{replies}")
    url = f"kannel://zhengda:PASSWORD@127.0.0.1:{kannel.ports['sendsms']}"
    channel = kannel_channel(url, links)
    (outcome,) = await channel.send([message(1, address=NUMBER)])
    await channel.close()
    assert isinstance(outcome, Receipt)
    assert {int(one["status"]) for one in await service.wait("/sms/report", 2)} == {1, 8}
    carrier.answer(NUMBER, "退订")
    (reply,) = await service.wait("/sms/incoming", 1)
    assert wants_out(decoded(reply["text"].encode("latin-1"), reply["charset"], reply["coding"]))
