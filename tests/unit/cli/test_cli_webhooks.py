"""``zhengda webhooks``: what is asked, what is printed, and when it fails."""

import json
from typing import Any

import httpx
import pytest

BASE = "/api/v1/subscribers/S%201/webhook"
TESTED = {"ok": True, "reason": None, "status": 204, "answer": "", "took_ms": 8, "challenge_repeated": False}
ENDPOINT = {
    "contact_id": "c-1",
    "url": "https://space.example.cn/***",
    "consented": True,
    "verified_at": None,
    "disabled": {"reason": "gone", "at": "2026-07-01T00:00:00Z"},
    "secret_generation": 1,
    "previous_secret_until": None,
    "attempts": [
        {"webhook_id": "d-1", "at": "2026-07-01T00:00:00Z", "status": 410, "answer": "", "took_ms": 5}
    ],
}


def answers(zhengda: Any, method: str, path: str, *contents: dict[str, Any]) -> list[httpx.Request]:
    asked: list[httpx.Request] = []
    left = list(contents)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    zhengda.service.routes[method, path] = answer
    zhengda.service.routes[method, path.replace("%20", " ")] = answer
    return asked


def test_endpoints_are_shown_with_what_they_answered(zhengda: Any) -> None:
    answers(zhengda, "GET", BASE, {"endpoints": [ENDPOINT]})
    assert zhengda("webhooks", "show", "S 1") == 0
    for words in ("https://space.example.cn/***", "reason gone", "410", "d-1"):
        assert words in zhengda.out
    assert zhengda("webhooks", "show", "S 1", "--json") == 0
    assert zhengda.json == {"endpoints": [ENDPOINT]}


@pytest.mark.parametrize("command", ["test", "enable"])
def test_a_test_that_is_not_answered_fails_and_says_why(zhengda: Any, command: str) -> None:
    failed = TESTED | {"ok": False, "status": 404, "reason": "the endpoint answers 404"}
    asked = answers(zhengda, "POST", f"{BASE}/{command}", TESTED, failed)
    assert zhengda("webhooks", command, "S 1", "--contact", "c-1") == 0
    assert zhengda("webhooks", command, "S 1") == 1
    assert "the endpoint answers 404" in zhengda.err
    assert [request.url.params.get("contact_id") for request in asked] == ["c-1", None]


def test_the_secret_is_shown_and_a_new_one_begun_on_request(zhengda: Any) -> None:
    shown = {"contact_id": "c-1", "secret": "whsec_x", "previous": None}
    answers(zhengda, "GET", f"{BASE}/secret", shown)
    answers(zhengda, "POST", f"{BASE}/rotate", shown | {"secret": "whsec_y"})
    assert zhengda("webhooks", "secret", "S 1") == 0
    assert "whsec_x" in zhengda.out
    assert zhengda("webhooks", "secret", "S 1", "--rotate") == 0
    assert "whsec_y" in zhengda.out


def test_a_replay_goes_on_to_the_end_and_adds_up(zhengda: Any) -> None:
    goes_on = {"retry_after_s": None, "disabled": False}
    page = {"planned": 60, "sent": 40, "failed": 0, "withheld": 0, "next": "n-2"} | goes_on
    last = {"planned": 1, "sent": 0, "failed": 2, "withheld": 3, "next": None} | goes_on
    asked = answers(zhengda, "POST", f"{BASE}/replay", page, last)
    assert zhengda("webhooks", "replay", "S 1", "--since", "2026-07-01T00:00:00+08:00", "--json") == 0
    assert zhengda.json == {"planned": 61, "sent": 40, "failed": 2, "withheld": 3}
    since = {"since": "2026-07-01T00:00:00+08:00"}
    assert [json.loads(request.content) for request in asked] == [since, since | {"after": "n-2"}]
    assert zhengda("webhooks", "replay", "S 1", "--delivery", "d-1") == 0
    assert json.loads(asked[-1].content) == {"delivery_id": "d-1"}


def test_a_replay_waits_as_long_as_the_endpoint_asks_for_and_says_so(
    zhengda: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("service.cli.webhooks.time.sleep", waits.append)
    counts = {"planned": 0, "sent": 3, "failed": 1, "withheld": 0}
    busy = counts | {"next": "n-2", "retry_after_s": 90.0, "disabled": False}
    gone = counts | {"next": None, "retry_after_s": None, "disabled": True}
    answers(zhengda, "POST", f"{BASE}/replay", busy, gone)
    assert zhengda("webhooks", "replay", "S 1", "--since", "2026-07-01T00:00:00+08:00") == 0
    assert waits == [90.0]
    assert "left alone for 90 s" in zhengda.err
    assert "the endpoint is disabled" in zhengda.err
