"""``zhengda render``: what is asked, what is shown, and what it says where it cannot."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.fake_face import problem

MAIL = {
    "agency_id": "sheet",
    "policy_id": "p1",
    "revision": 2,
    "occasion": "policy",
    "channel": "email",
    "subscriber_id": None,
    "subject": "关于支持软件产业的措施",
    "text": "示范科技有限公司：\n您好！",
    "html": "<!doctype html><p>您好！</p>",
    "segments": None,
    "lacks": [],
    "registered": [],
}
TEXT = MAIL | {
    "channel": "sms",
    "subject": "",
    "text": "【政达】[重要]发布《关于支持软件产业的措施》退订回T",
    "html": None,
    "segments": {"alphabet": "ucs2", "units": 72, "parts": 2, "billed": 2},
}


def answers(zhengda: Any, answer: dict[str, Any] | httpx.Response) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    zhengda.service.routes["GET", "/api/v1/render"] = take
    return asked


def test_a_mail_is_shown_with_its_subject(zhengda: Any) -> None:
    asked = answers(zhengda, MAIL)
    assert zhengda("render", "p1") == 0
    assert dict(asked[0].url.params) == {"policy": "p1", "occasion": "policy", "channel": "email"}
    assert "关于支持软件产业的措施" in zhengda.out
    assert "示范科技有限公司：\n您好！" in zhengda.out
    assert "--subscriber" in zhengda.err


def test_a_text_message_is_shown_with_its_parts_and_its_brackets(zhengda: Any) -> None:
    asked = answers(zhengda, TEXT)
    options = (
        "--occasion",
        "reminder",
        "--channel",
        "sms",
        "--subscriber",
        "S-1",
        "--revision",
        "2",
        "--agency",
        "sheet",
    )
    assert zhengda("render", "p1", *options) == 0
    assert dict(asked[0].url.params) == {
        "policy": "p1",
        "occasion": "reminder",
        "channel": "sms",
        "subscriber": "S-1",
        "revision": "2",
        "agency": "sheet",
    }
    assert "【政达】[重要]发布" in zhengda.out
    for shown in ("ucs2", "72", "parts", "billed"):
        assert shown in zhengda.out


def test_a_notice_needs_no_policy(zhengda: Any) -> None:
    asked = answers(zhengda, MAIL | {"policy_id": None, "occasion": "confirm"})
    assert zhengda("render", "--occasion", "confirm") == 0
    assert "policy" not in asked[0].url.params
    assert "--subscriber" not in zhengda.err


def test_json_is_what_the_route_answers(zhengda: Any) -> None:
    answers(zhengda, TEXT)
    assert zhengda("render", "p1", "--channel", "sms", "--json") == 0
    assert zhengda.json == TEXT


def test_what_a_cloud_would_get_is_shown_with_its_values(zhengda: Any) -> None:
    registered = {
        "gateway": "tencent",
        "template_id": "1001",
        "parameters": {"1": "示范市工信局", "2": "若干措…"},
    }
    answers(zhengda, TEXT | {"registered": [registered]})
    assert zhengda("render", "p1", "--channel", "sms") == 0
    assert "tencent 1001" in zhengda.out
    assert "若干措…" in zhengda.out


def test_html_goes_into_a_file_to_be_opened(zhengda: Any, tmp_path: Path) -> None:
    answers(zhengda, MAIL)
    file = tmp_path / "mail.html"
    assert zhengda("render", "p1", "--html", file) == 0
    assert file.read_text(encoding="utf-8") == MAIL["html"]
    assert str(file) in zhengda.err


def test_html_of_a_text_message_is_a_wrong_use(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("render", "p1", "--channel", "sms", "--html", tmp_path / "x.html") == 2
    assert "--channel email" in zhengda.err


def test_a_file_that_cannot_be_written_is_named(zhengda: Any, tmp_path: Path) -> None:
    answers(zhengda, MAIL)
    assert zhengda("render", "p1", "--html", tmp_path / "no" / "mail.html") == 1
    assert "mail.html" in zhengda.err


def test_what_a_message_lacks_is_said(zhengda: Any) -> None:
    answers(zhengda, TEXT | {"lacks": ["does not say how to leave: 退订回T"]})
    assert zhengda("render", "p1", "--channel", "sms") == 0
    assert "does not say how to leave: 退订回T" in zhengda.err


@pytest.mark.parametrize(
    "detail",
    [
        "policy: say which",
        "channel: pigeon is no channel, use one of space, email, sms",
        "policy p1 does not exist",
    ],
)
def test_a_refusal_says_what_the_service_says(zhengda: Any, detail: str) -> None:
    answers(zhengda, problem(422, detail))
    assert zhengda("render", "p1", "--channel", "pigeon") == 1
    assert detail in zhengda.err


def test_an_occasion_that_is_none_is_a_wrong_use(zhengda: Any) -> None:
    assert zhengda("render", "p1", "--occasion", "birthday") == 2


def test_without_an_operators_key_a_reviewers_is_used(zhengda: Any) -> None:
    answers(zhengda, MAIL)
    zhengda.environ.pop("ZHENGDA_KEY")
    zhengda.environ["ZHENGDA_REVIEWER_KEY"] = "zd_review_key"
    assert zhengda("render", "p1") == 0
    assert zhengda.service.keys_used("GET", "/api/v1/render") == {"zd_review_key"}
