"""A firm joins by itself: signs up, confirms by the link in its mail, is served, leaves, comes back, is forgotten."""

import re
import sqlite3
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Town
from tests.servers.processes import wait_until
from tests.support.papers import policy

QUIET_S = 2.0  # long enough for what must not come
ARRIVES_S = 20.0


@pytest.fixture
def browser(town: Town) -> Iterator[httpx.Client]:
    """A browser without a session; it follows redirects and says where its forms come from."""
    headers = {"Accept": "text/html", "Origin": town.service.url}
    with httpx.Client(
        base_url=town.service.url, headers=headers, follow_redirects=True, timeout=15
    ) as client:
        yield client


def mails_to(town: Town, address: str) -> list[EmailMessage]:
    """What came to an address, oldest first."""
    found = []
    for raw in town.sink.messages():
        mail = message_from_bytes(raw, policy=default)
        assert isinstance(mail, EmailMessage)
        if address in str(mail["To"]):
            found.append(mail)
    return found


def newest(town: Town, address: str, count: int) -> EmailMessage:
    """The newest mail to an address, once there are ``count``."""
    assert wait_until(lambda: len(mails_to(town, address)) >= count, ARRIVES_S), (
        f"no mail {count} to {address}"
    )
    return mails_to(town, address)[-1]


def link_in(mail: EmailMessage, path: str) -> str:
    """The link of a mail that leads to ``path``, as a person would click it."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"https?://\S+/{path}/\S+", body.get_content())
    assert found, f"no link to {path}"
    return found[0]


def sign_up(browser: httpx.Client, address: str, word: str, **changes: str | list[str]) -> httpx.Response:
    """Fill in the sign-up form with one wish."""
    form = {
        "name": "新来软件有限公司",
        "email": address,
        "kind": "enterprise",
        "keywords": word,
        "wish_name": f"关于{word}",
        "channels": ["email", "space"],
        "profile_matching": "no",
        "frequency": "instant",
        "agreed": "yes",
    }
    return browser.post("/join", data=form | changes)


def confirm(browser: httpx.Client, town: Town, address: str) -> str:
    """Follow the link in the mail and press the button; returns the subscriber_id."""
    link = link_in(newest(town, address, 1), "join/confirm")
    shown = browser.get(link)
    assert "确认接收" in shown.text
    answer = browser.post(link)
    assert answer.status_code == 200
    assert answer.url.path == "/my"
    found = re.search(r'/space/(s-[0-9a-f]+)"', answer.text)
    assert found
    return found[1]


def test_from_signing_up_to_being_forgotten(town: Town, browser: httpx.Client) -> None:
    address = "new@firm.example.cn"
    assert "请查收" in sign_up(browser, address, "枇杷").text
    request = newest(town, address, 1)
    assert request["List-Unsubscribe"] is None
    assert "新来软件" not in request.as_string()
    town.push("before-confirming", "枇杷")
    assert browser.get(link_in(request, "join/confirm")).status_code == 200, "looking changes nothing"
    time.sleep(QUIET_S)
    assert len(mails_to(town, address)) == 1, "pushed before it was confirmed"

    me = confirm(browser, town, address)
    town.push("loquat", "枇杷")
    mail = newest(town, address, 2)
    assert "loquat" in str(mail["Subject"])
    body = mail.get_body(("plain",))
    assert body is not None
    assert "因为您订阅了“关于枇杷”" in body.get_content()
    space = browser.get(f"/space/{me}").text
    assert "loquat" in space
    assert "订阅“关于枇杷”" in space
    message = next(one for one in town.messages(me) if one["policy_id"] == "loquat")
    read = browser.post(f"/api/v1/space/{me}/messages/{message['message_id']}/read")
    assert read.status_code == 204
    assert next(one for one in town.messages(me) if one["policy_id"] == "loquat")["read_at"]

    one_click = str(mail["List-Unsubscribe"]).strip("<>")
    left = httpx.post(one_click, data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    town.push("after-leaving", "枇杷")
    assert any(one["policy_id"] == "after-leaving" for one in town.messages(me)), "the space stays open"
    time.sleep(QUIET_S)
    assert len(mails_to(town, address)) == 2

    browser.cookies.clear()
    assert "请查收" in browser.post("/my/sign-in", data={"address": address}).text
    link = link_in(newest(town, address, 3), "my/enter")
    assert browser.get(link).status_code == 200
    page = browser.post(link)
    assert page.url.path == "/my"
    assert address in page.text
    assert httpx.post(link, headers={"Origin": town.service.url}).status_code == 410, "a link is good once"
    held = browser.get("/my/export").json()
    assert held["subscriber"]["contacts"][0]["address"] == address
    assert held["subscriber"]["contacts"][0]["consent_basis"] == "double opt-in"
    assert {row["policy_id"] for row in held["deliveries"]} == {"loquat", "after-leaving"}
    assert "channel" in held["opt_outs"][0]

    assert browser.post("/my/erase", data={}).status_code == 422, "it wants to be sure"
    assert "已经删除" in browser.post("/my/erase", data={"sure": "yes"}).text
    assert browser.get("/my").url.path == "/my/sign-in"
    nothing_left(town, me, address)


def nothing_left(town: Town, me: str, address: str) -> None:
    """In the record only the bare id, its ledger rows and its opt-outs are left."""
    with sqlite3.connect(town.service.data / "record.db") as record:

        def of(table: str, column: str = "subscriber_id") -> int:
            count: int = record.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (me,)).fetchone()[
                0
            ]
            return count

        for table in ("contacts", "subscriptions", "memberships", "inbox", "notices"):
            assert of(table) == 0, table
        assert of("deliveries") >= 2
        row = record.execute(
            "SELECT status, name, credit_code, wrapped_key, profile FROM subscribers WHERE subscriber_id = ?",
            (me,),
        ).fetchone()
        assert row == ("left", "", None, None, "{}")
    log = town.service.log.read_text(encoding="utf-8", errors="replace")
    assert address not in log, "an address stands in the log"


def test_a_known_address_gets_a_sign_in_link_and_the_page_says_the_same(
    town: Town, browser: httpx.Client
) -> None:
    address = "known@firm.example.cn"
    first = sign_up(browser, address, "杨桃")
    confirm(browser, town, address)
    browser.cookies.clear()
    again = sign_up(browser, address, "杨桃", name="冒名公司")
    assert again.text == first.text
    mail = newest(town, address, 2)
    assert "join/confirm" not in mail.as_string()
    assert link_in(mail, "my/enter")


def test_a_subscription_alone_can_be_ended_and_taken_up_again_from_the_mails_page(
    town: Town, browser: httpx.Client
) -> None:
    address = "chooser@firm.example.cn"
    sign_up(browser, address, "莲雾")
    confirm(browser, town, address)
    town.push("rose-apple", "莲雾")
    link = str(newest(town, address, 2)["List-Unsubscribe"]).strip("<>")
    page = browser.get(link).text
    scope = re.search(r'value="(subscription:[^"]+)"', page)
    assert scope
    assert "关于莲雾" in page
    assert "退订全部推送" in page
    assert "已退订" in browser.post(link, data={"scope": scope[1]}).text
    town.push("rose-apple-2", "莲雾")
    time.sleep(QUIET_S)
    assert len(mails_to(town, address)) == 2
    assert "已恢复" in browser.post(f"{link}/back", data={"scope": scope[1]}).text
    town.push("rose-apple-3", "莲雾")
    assert "rose-apple-3" in str(newest(town, address, 3)["Subject"])


def test_what_is_wrong_with_a_form_is_said_in_chinese_and_what_was_typed_stays(browser: httpx.Client) -> None:
    answer = sign_up(
        browser, "not an address", "桃", credit_code="123", region="朝阳区", agreed="", quiet_from="22:00"
    )
    assert answer.status_code == 422
    for words in (
        "邮箱地址有误",
        "统一社会信用代码有误",
        "有多个同名地区",
        "请阅读并勾选同意",
        "免打扰时段",
        "关键词每个 2 到 30 个字",
    ):
        assert words in answer.text
    assert 'value="新来软件有限公司"' in answer.text


@pytest.mark.slow
def test_unsubscribed_between_match_and_send_nothing_is_sent(town: Town, browser: httpx.Client) -> None:
    address = "waverer@firm.example.cn"
    sign_up(browser, address, "番荔枝", channels="email")
    me = confirm(browser, town, address)
    town.push("sugar-apple", "番荔枝")
    one_click = str(newest(town, address, 2)["List-Unsubscribe"]).strip("<>")
    town.sink.reply(address, "451 4.3.0 try again later")
    town.office.publish(town.agency, policy("sugar-apple-2", "番荔枝"))

    def row() -> dict[str, Any]:
        found = town.office.deliveries(town.agency, "sugar-apple-2", subscriber=me)
        return found[0] if found else {}

    assert wait_until(lambda: row().get("attempts") == 1 and row()["state"] == "planned", ARRIVES_S), row()
    assert httpx.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    town.sink.reply(address, None)
    # The first retry comes after a minute, spread by a fifth.
    assert wait_until(lambda: row()["state"] == "suppressed", 90), row()
    assert row()["reason"] == "opted_out"
    assert len(mails_to(town, address)) == 2
