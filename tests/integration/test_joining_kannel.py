"""Joining by text message through a real Kannel: the codes arrive as a phone shows them, and replies come back."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from channels.sms import SmsLinks
from channels.sms.links import PURPOSE
from config.database.schema import contacts, suppressions
from streams.delivery.notices import send_notices
from tests.servers.api_world import ORIGIN, World
from tests.servers.kannel import Carrier, KannelServer
from tests.servers.web_server import serving
from tests.support.sms import kannel_channel

pytestmark = pytest.mark.kannel

MOBILE, NUMBER = "13812340000", "+8613812340000"
SIGN_UP = {
    "name": "示范软件有限公司",
    "kind": "enterprise",
    "mobile": MOBILE,
    "profile_matching": "yes",
    "frequency": "instant",
    "agreed": "yes",
}


class Phone:
    """A firm's browser and the phone beside it."""

    def __init__(self, world: World, carrier: Carrier, browser: httpx.AsyncClient) -> None:
        self.world, self.carrier, self.browser = world, carrier, browser

    async def shows(self, count: int) -> str:
        """Have the service send what waits, and return the newest of ``count`` texts."""
        await send_notices(self.world.house.desk(), self.world.clock)
        async with asyncio.timeout(60):
            while len(self.carrier.texts(NUMBER)) < count:
                await asyncio.sleep(0.02)
            texts: list[str] = []
            while texts != self.carrier.texts(NUMBER):  # a long one comes in parts
                texts = self.carrier.texts(NUMBER)
                await asyncio.sleep(0.3)
        assert len(texts) == count, texts
        return texts[-1]

    async def types(self, code: str, mobile: str = MOBILE) -> httpx.Response:
        """Type a code in."""
        return await self.browser.post("/join/code", data={"address": mobile, "code": code})

    async def says(self, text: str) -> None:
        """Answer, and wait until the service knows."""
        before = await self.count(suppressions)
        self.carrier.answer(NUMBER, text)
        async with asyncio.timeout(60):
            while await self.count(suppressions) == before:
                await asyncio.sleep(0.02)

    async def count(self, table: Any, *where: Any) -> int:
        async with self.world.house.record.read() as conn:
            return int(await conn.scalar(select(func.count()).select_from(table).where(*where)) or 0)


@pytest.fixture
async def phone(world: World, kannel: KannelServer) -> AsyncIterator[Phone]:
    async with serving(world.app) as url:
        links = SmsLinks(url, world.house.vault.derive(PURPOSE))
        carrier = await asyncio.to_thread(kannel.start, links.incoming())
        channel = kannel_channel(kannel.url, links, "云山政策")
        channels: Mapping[str, Any] = {**world.house.channels, "sms": channel}
        object.__setattr__(world.house, "channels", channels)
        async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
            yield Phone(world, carrier, browser)
        await channel.close()


def code_in(text: str) -> str:
    found = re.search(r"验证码 (\d{6})", text)
    assert found, text
    return found[1]


async def test_a_firm_signs_up_and_signs_in_by_codes_that_came_as_text_messages(phone: Phone) -> None:
    asked = await phone.browser.post("/join", data=SIGN_UP)
    assert f'value="{NUMBER}"' in asked.text, "the page remembers which number was asked"
    text = await phone.shows(1)
    assert (
        text
        == f"【云山政策】验证码 {code_in(text)}，10分钟内有效，用于确认以此号码接收政策推送。非本人操作请忽略。"
    )
    wrong = await phone.types(f"{(int(code_in(text)) + 1) % 10**6:06d}")
    assert (wrong.status_code, "验证码不正确" in wrong.text) == (422, True)
    assert await phone.count(contacts, contacts.c.consent_basis == "double opt-in") == 0
    done = await phone.types(code_in(text), mobile="138 1234 0000")
    assert (done.status_code, done.headers["location"]) == (303, "/my?said=confirmed")
    assert "示范软件有限公司" in (await phone.browser.get("/my")).text
    assert (await phone.types(code_in(text))).status_code == 422, "a code is good once"

    phone.browser.cookies.clear()
    phone.world.clock.advance(timedelta(minutes=1))
    await phone.browser.post("/my/sign-in", data={"address": MOBILE})
    text = await phone.shows(2)
    assert "登录“我的政达”" in text
    assert (await phone.types(code_in(text))).headers["location"] == "/my"
    assert NUMBER in (await phone.browser.get("/my")).text


async def test_an_imported_number_is_told_where_to_answer_and_has_three_days_for_it(phone: Phone) -> None:
    rows = f"subscriber_id,name,mobile\nS-77,名单上的公司,{MOBILE}\n"
    headers = {"Content-Type": "text/csv"}
    path = "/api/v1/subscribers/import"
    done = await phone.world.call("operator", "POST", path, content=rows.encode(), headers=headers)
    assert done.json()["confirmations"] == 1
    text = await phone.shows(1)
    where = re.search(r"到 (\S+/join/code) 填写", text)
    assert where, text
    assert "拒收回T" in text
    phone.world.clock.advance(timedelta(days=2, hours=20))
    form = await phone.browser.get(where[1].removeprefix(phone.world.house.settings.base_url))
    assert 'name="address"' in form.text
    answer = await phone.types(code_in(text))
    assert answer.headers["location"] == "/my?said=confirmed"
    assert "名单上的公司" in (await phone.browser.get("/my")).text


async def test_who_answers_td_is_in_no_later_import_and_may_come_back_by_a_code(phone: Phone) -> None:
    await phone.says("TD")
    rows = (
        "subscriber_id,name,mobile,consent_basis,consent_at,consent_evidence\n"
        f"S-77,公司,{MOBILE},申请表,2026-01-05,7\n"
    )
    headers = {"Content-Type": "text/csv"}
    path = "/api/v1/subscribers/import"
    done = (await phone.world.call("operator", "POST", path, content=rows.encode(), headers=headers)).json()
    assert (done["imported"], len(done["refused"])) == (0, 1)
    await phone.browser.post("/join", data=SIGN_UP)
    answer = await phone.types(code_in(await phone.shows(1)))
    assert answer.headers["location"] == "/my?said=confirmed"
    assert await phone.count(suppressions) == 0
