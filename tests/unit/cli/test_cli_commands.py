"""The small commands: the route they ask, the key they use, what they print, how they end."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.discovery import discovery_path, write_discovery
from tests.servers.fake_face import problem


def answers(zhengda: Any, method: str, path: str, content: Any, status: int = 200) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json=content) if status != 204 else httpx.Response(204)

    zhengda.service.routes[method, path] = answer
    return asked


ROUTES = [
    (
        ["ledger"],
        "GET",
        "/api/v1/ledger",
        {"deliveries": [{"policy_id": "p1", "state": "sent"}], "next": None},
    ),
    (["funnel", "p1"], "GET", "/api/v1/policies/p1/funnel", {"policy_id": "p1", "failed": {"gone": 2}}),
    (["keys", "list"], "GET", "/api/v1/keys", {"keys": [{"key_id": "k1", "role": "operator"}]}),
    (
        ["keys", "create", "operator", "--holder", "王"],
        "POST",
        "/api/v1/keys",
        {"key_id": "k", "key": "zd_k_s"},
    ),
    (["outbox"], "GET", "/api/v1/outbox", {"messages": [{"channel": "email", "to": "z***@x.cn"}]}),
    (
        ["alerts"],
        "GET",
        "/api/v1/alerts",
        {"alerts": [{"kind": "far_side", "subject": "email", "detail": "email is down"}]},
    ),
    (["deadletters", "list"], "GET", "/api/v1/deadletters", {"dead_letters": [{"dead_letter_id": "d1"}]}),
    (
        ["campaign", "stop", "p1", "--reason", "错字"],
        "POST",
        "/api/v1/policies/p1/campaign/stop",
        {"campaigns": [{"policy_id": "p1", "state": "stopped"}]},
    ),
    (["campaign", "resume", "p1"], "POST", "/api/v1/policies/p1/campaign/resume", {"campaigns": []}),
    (["backup"], "POST", "/api/v1/backup", {"path": "/var/b.tar.gz", "bytes": 12}),
]


@pytest.mark.parametrize(("argv", "method", "path", "content"), ROUTES)
def test_json_is_what_the_route_answers_and_the_table_says_something(
    zhengda: Any, argv: list[str], method: str, path: str, content: dict[str, Any]
) -> None:
    asked = answers(zhengda, method, path, content)
    assert zhengda(*argv, "--json") == 0
    assert zhengda.json == content
    assert zhengda(*argv) == 0
    assert zhengda.out.strip()
    assert {request.headers["Authorization"] for request in asked} == {"Bearer own"}


@pytest.mark.parametrize(("argv", "method", "path", "content"), ROUTES)
def test_a_refusal_is_one_line_and_exit_code_1(
    zhengda: Any, argv: list[str], method: str, path: str, content: dict[str, Any]
) -> None:
    zhengda.service.routes[method, path] = lambda _: problem(
        403, "not yours", errors=[{"field": "policy", "message": "of another agency"}]
    )
    assert zhengda(*argv) == 1
    assert zhengda.err == "not yours; policy: of another agency\n"
    assert zhengda.out == ""


def test_the_ledger_sends_only_the_filters_that_were_given(zhengda: Any) -> None:
    asked = answers(zhengda, "GET", "/api/v1/ledger", {"deliveries": [], "next": "n2"})
    assert zhengda("ledger", "--policy", "p 1", "--state", "sent", "--limit", "5") == 0
    assert dict(asked[0].url.params) == {"policy": "p 1", "state": "sent", "limit": "5"}
    assert "--after n2" in zhengda.err


def test_the_outbox_shows_texts_and_their_links_where_they_are_asked_for(zhengda: Any) -> None:
    link = "http://127.0.0.1:8300/join/confirm/" + "t0ken-" * 30
    mail = {
        "channel": "email",
        "cursor": "c",
        "address": "z***@x.cn",
        "subject": "请确认",
        "text": f"您好：\n{link}\n[1]",
    }
    sms = {"channel": "sms", "cursor": "c", "address": "138****", "subject": "", "text": "验证码 123456"}
    answers(zhengda, "GET", "/api/v1/outbox", {"messages": [mail, sms]})
    assert zhengda("outbox") == 0
    assert "验证码 123456" in zhengda.out
    assert "join/confirm" not in zhengda.out  # a table has no room for it
    assert zhengda("outbox", "--text") == 0
    assert {link, "[1]", "验证码 123456"} <= set(zhengda.out.splitlines())
    assert "z***@x.cn" in zhengda.out
    answers(zhengda, "GET", "/api/v1/outbox", {"messages": []})
    assert zhengda("outbox", "--text") == 0
    assert zhengda.out == "nothing\n"


def test_the_funnel_of_a_person_names_why_rows_never_went(zhengda: Any) -> None:
    content = {
        "planned": 2094,
        "unreported": 4,
        "expired": {"apply_window": 2000},
        "superseded": {"repealed": 90},
    }
    answers(zhengda, "GET", "/api/v1/policies/p1/funnel", content)
    assert zhengda("funnel", "p1") == 0
    shown = dict(line.split(maxsplit=1) for line in zhengda.out.splitlines() if len(line.split()) > 1)
    assert (shown["expired"].strip(), shown["superseded"].strip()) == ("apply_window 2000", "repealed 90")
    assert shown["unreported"].strip() == "4"


def test_a_policy_id_cannot_leave_its_place_in_the_address(zhengda: Any) -> None:
    zhengda("funnel", "../keys?x=1")
    assert zhengda.service.seen[0][1] == "/api/v1/policies/../keys?x=1/funnel"
    assert zhengda.err.count("\n") == 1


def test_a_key_is_bound_to_what_was_named(zhengda: Any) -> None:
    asked = answers(
        zhengda, "POST", "/api/v1/keys", {"key_id": "k", "key": "zd_k_s", "hmac_secret": "h"}, 201
    )
    assert zhengda("keys", "create", "publisher", "--holder", "李", "--agency", "mofcom") == 0
    assert json.loads(asked[0].content) == {"role": "publisher", "holder": "李", "agency_id": "mofcom"}
    assert "zd_k_s" in zhengda.out
    assert "once" in zhengda.err
    assert zhengda("keys", "create", "emperor", "--holder", "李") == 2
    assert zhengda("keys", "create", "publisher") == 2


def test_revoking_a_key_answers_without_content(zhengda: Any) -> None:
    answers(zhengda, "DELETE", "/api/v1/keys/k1", None, 204)
    assert zhengda("keys", "revoke", "k1") == 0
    assert zhengda.out == "key k1 revoked\n"


def test_replay_goes_on_after_one_that_is_unknown(zhengda: Any) -> None:
    answers(
        zhengda, "POST", "/api/v1/deadletters/d2/replay", {"dead_letter_id": "d2", "status": "replayed"}, 202
    )
    assert zhengda("deadletters", "replay", "d1", "d2") == 1
    assert zhengda.out == "dead letter d2 replayed\n"
    assert zhengda.err.startswith("d1: ")


def test_a_decision_waits_for_its_answer_and_speaks_as_the_reviewer(zhengda: Any) -> None:
    assert zhengda("release", "p1") == 0
    assert zhengda.out == "p1 revision 1 released\n"
    assert {key for _, _, key in zhengda.service.seen} == {"reviewer"}


def test_a_decision_takes_the_one_key_that_was_set_and_says_so_where_it_may_not(zhengda: Any) -> None:
    del zhengda.environ["ZHENGDA_REVIEWER_KEY"]
    assert zhengda("release", "p1") == 0
    assert {key for _, _, key in zhengda.service.seen} == {"own"}
    said = "this takes a reviewer key; the role of yours is publisher"
    zhengda.service.routes["POST", "/api/v1/policies/p2/release"] = lambda _: problem(403, said)
    assert zhengda("release", "p2") == 1
    assert zhengda.err.startswith(said)
    assert "set ZHENGDA_REVIEWER_KEY" in zhengda.err


def test_a_decision_on_what_is_gone_says_so(zhengda: Any) -> None:
    answers(zhengda, "GET", "/api/v1/policies/p1", {"policy_id": "p1", "revision": 2, "state": "repealed"})
    assert zhengda("release", "p1") == 1
    assert zhengda.err == "policy p1 revision 2 cannot be released: it is repealed\n"


def test_an_agency_is_added_and_listed(zhengda: Any) -> None:
    put = {"agency_id": "sheet", "name": "市工信局", "region": "310000"}
    answers(zhengda, "PUT", "/api/v1/agencies/sheet", put)
    assert zhengda("agencies", "add", "sheet", "市工信局", "--region", "310000") == 0
    assert "市工信局" in zhengda.out
    answers(
        zhengda, "GET", "/api/v1/agencies", {"agencies": [put | {"created_at": "2026-03-02T02:00:00.000Z"}]}
    )
    assert zhengda("agencies", "list", "--json") == 0
    assert zhengda.json["agencies"][0]["agency_id"] == "sheet"
    assert zhengda("agencies", "list") == 0
    assert "310000" in zhengda.out


def test_an_agency_without_a_region_is_put_without_one(zhengda: Any) -> None:
    sent: list[Any] = []

    def put(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"agency_id": "sheet", **sent[-1]})

    zhengda.service.routes["PUT", "/api/v1/agencies/sheet"] = put
    assert zhengda("agencies", "add", "sheet", "市工信局", "--json") == 0
    assert sent == [{"name": "市工信局", "region": None}]


def test_refusing_needs_a_reason(zhengda: Any) -> None:
    assert zhengda("refuse", "p1") == 2
    assert zhengda.service.seen == []


def test_a_preview_sends_the_data_of_one_policy(zhengda: Any, policy: Any, written: Any) -> None:
    answer = {
        "matched": "<5",
        "by_channel": {"space": 3},
        "by_region": [{"code": "310000", "name": "上海市", "count": "<5"}],
        "by_industry": [],
        "by_size": [{"code": None, "name": None, "count": "<5"}],
        "held_back": {"no_consent": {"email": "<5"}},
        "unconfirmed": {"credit_codes": 7},
        "sms": None,
        "labels": [{"dimension": "kind", "code": "call", "name": "申报通知", "quote": ""}],
        "samples": [
            {
                "subscriber_id": "s",
                "reasons": [
                    {"subscription": "4f3c", "name": "软件奖补", "labels": ["industry:I65", "theme:T07"]},
                    {"subscription": None, "name": None, "labels": ["region:310000"]},
                ],
            }
        ],
    }
    asked = answers(zhengda, "POST", "/api/v1/policies/preview", answer)
    assert zhengda("preview", written(policy())) == 0
    assert "would reach <5 subscribers" in zhengda.out
    assert "软件奖补: industry:I65, theme:T07; profile: region:310000" in zhengda.out
    assert "上海市" in zhengda.out
    assert "no_consent  email <5" in zhengda.out
    assert "by what they entered themselves and nobody has confirmed:\ncredit_codes  7\n" in zhengda.out
    assert json.loads(asked[0].content) == policy()
    assert ["kind", "call", "申报通知", "-"] in [
        line.split() for line in zhengda.out.split("\nLabels\n")[1].splitlines()
    ]
    assert "\nSome of those whom it would reach\n" in zhengda.out
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    assert zhengda("preview", written(policy())) == 0
    heads = [line.split() for line in zhengda.out.splitlines()]
    assert [one in heads for one in (["代码", "名称", "数量"], ["企业编号", "原因"])] == [True, True]
    zhengda.environ["LANG"] = "en_US.UTF-8"
    assert zhengda("preview", written(policy("a"), policy("b"))) == 1
    answers(zhengda, "GET", "/api/v1/policies/P-1/audience", answer)
    assert zhengda("preview", "--policy", "P-1") == 0
    assert zhengda("preview") == 2
    assert "one of the two" in zhengda.err


def test_a_backup_is_moved_to_where_it_was_wanted(zhengda: Any, tmp_path: Path) -> None:
    made = tmp_path / "made.tar.gz"
    made.write_bytes(b"backup")
    answers(zhengda, "POST", "/api/v1/backup", {"path": str(made), "bytes": 6})
    wanted = tmp_path / "wanted.tar.gz"
    assert zhengda("backup", wanted, "--json") == 0
    assert zhengda.json == {"path": str(wanted), "bytes": 6}
    assert (wanted.read_bytes(), made.exists()) == (b"backup", False)


def test_a_backup_on_another_machine_is_not_lost_from_sight(zhengda: Any, tmp_path: Path) -> None:
    answers(zhengda, "POST", "/api/v1/backup", {"path": "/elsewhere/made.tar.gz", "bytes": 6})
    assert zhengda("backup", tmp_path / "wanted.tar.gz") == 1
    assert "/elsewhere/made.tar.gz" in zhengda.err


def test_restore_beside_a_running_service_is_refused(
    zhengda: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("ZHENGDA_DATA", str(data))
    write_discovery(discovery_path(data), url="http://x", pid=os.getpid(), operator_key=None)
    file = tmp_path / "b.tar.gz"
    file.write_bytes(b"")
    assert zhengda("restore", file) == 1
    assert "stop it first" in zhengda.err


def test_a_number_that_another_process_has_by_now_does_not_stop_a_restore(
    zhengda: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    (tmp_path / "data").mkdir()
    monkeypatch.setenv("ZHENGDA_DATA", str(tmp_path / "data"))
    write_discovery(discovery_path(tmp_path / "data"), url="http://x", pid=os.getpid(), operator_key=None)
    (tmp_path / "b.tar.gz").write_bytes(b"no archive")
    zhengda.transport = httpx.MockTransport(refuse)
    assert zhengda("restore", tmp_path / "b.tar.gz") == 1
    assert "cannot be read as a backup" in zhengda.err


def test_up_reports_every_wrong_setting_on_a_line_of_its_own(
    zhengda: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGDA_BROKER", "rabbit://x")
    monkeypatch.setenv("ZHENGDA_PORT", "many")
    assert zhengda("up") == 1
    names = [line.partition(":")[0] for line in zhengda.err.splitlines()]
    assert names == ["ZHENGDA_BROKER", "ZHENGDA_PORT"]
    assert zhengda("up", "--role", "king") == 2


@pytest.mark.parametrize(
    ("language", "kind", "said"),
    [
        ("en_US.UTF-8", "far_side", "sms:kannel is down: the gateway is closed"),
        ("zh_CN.UTF-8", "外部通道不可用（far_side）", "短信（sms:kannel）不可用：本系统已断开与网关的连接"),
    ],
)
def test_alerts_are_told_in_the_language_of_the_locale(
    zhengda: Any, language: str, kind: str, said: str
) -> None:
    down = {"kind": "far_side", "subject": "sms:kannel", "details": {"reason": "the gateway is closed"}}
    old = {"kind": "far_side", "subject": "email", "detail": "as an older release kept it", "details": {}}
    answers(zhengda, "GET", "/api/v1/alerts", {"alerts": [down, old]})
    zhengda.environ["LC_ALL"] = language
    assert zhengda("alerts") == 0
    assert kind in zhengda.out
    assert said in zhengda.out
    assert "as an older release kept it" in zhengda.out
