"""`zhengda publish`: outcomes, exit codes, what is printed where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.cli.reading import WINDOW

Policy = Callable[..., dict[str, Any]]
Written = Callable[..., Path]


def test_an_accepted_policy_exits_0_and_prints_the_promised_fields(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    assert zhengda("publish", written(policy()), "--json") == 0
    assert list(zhengda.json) == ["event_id", "source", "status", "reason", "policy_id", "revision"]
    assert (zhengda.json["status"], zhengda.json["policy_id"], zhengda.json["revision"]) == (
        "accepted",
        "p1",
        1,
    )


def test_a_refusal_of_the_gate_exits_1_with_its_reason_on_one_line(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.refuse["p1"] = "stale revision:\n1 was published before"
    assert zhengda("publish", written(policy()), "--json") == 1
    assert zhengda.err == "refused: stale revision: 1 was published before\n"
    assert zhengda.json["status"] == "refused"


def test_a_422_says_each_wrong_field_once(zhengda: Any, policy: Policy, written: Written) -> None:
    zhengda.service.wrong["p1"] = "title: missing"
    assert zhengda("publish", written(policy())) == 1
    assert zhengda.err == "title: missing\n"


def test_jsonl_goes_on_after_a_refused_line_and_lists_it(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.refuse["b"] = "not yours"
    file = written(policy("a"), policy("b"), "{broken", policy("c"), name="all.jsonl")
    assert zhengda("publish", file, "--json") == 5
    assert [row["status"] for row in zhengda.json] == ["accepted", "refused", "refused", "accepted"]
    first, second, summary = zhengda.err.splitlines()
    assert first == "line 2: refused: not yours"
    assert second.startswith("line 3: not valid JSON")
    assert summary == "2 of 4 refused"


def test_lines_that_were_refused_are_told_also_where_time_ran_out(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.refuse["b"] = "not yours"
    zhengda.service.never_complete = True
    file = written(policy("a"), policy("b"), "{broken", name="all.jsonl")
    assert zhengda("publish", file, "--wait", "--timeout", "30") == 3
    _, second, third, why = zhengda.err.splitlines()
    assert second == "line 2: refused: not yours"
    assert third.startswith("line 3: not valid JSON")
    assert why.startswith("policy a is not complete after 30 s")


def test_the_timeout_counts_anew_for_every_run_of_lines(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.funnels_until_complete = 25
    file = written(*(policy(f"p{n}") for n in range(WINDOW + 1)), name="many.jsonl")
    assert zhengda("publish", file, "--wait", "--timeout", "10") == 0
    assert zhengda.time.at > 10
    assert zhengda("publish", "--help") == 0
    assert f"of JSONL anew for each run of at most {WINDOW} lines" in " ".join(zhengda.out.split())


def test_standard_input_is_read_for_a_dash(
    zhengda: Any, policy: Policy, written: Written, monkeypatch: Any
) -> None:
    with written(policy()).open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert zhengda("publish", "-", "--json") == 0
    assert zhengda.json["policy_id"] == "p1"


def test_release_uses_the_reviewers_key_and_everything_else_the_publishers(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    assert zhengda("publish", written(policy()), "--release") == 0
    assert zhengda.service.released == ["p1"]
    assert zhengda.service.keys_used("POST", "/api/v1/policies/p1/release") == {"reviewer"}
    assert zhengda.service.keys_used("POST", "/api/v1/events") == {"own"}


def test_publishing_and_releasing_twice_releases_once(zhengda: Any, policy: Policy, written: Written) -> None:
    file = written(policy())
    assert zhengda("publish", file, "--release") == 0
    assert zhengda("publish", file, "--release") == 0
    assert zhengda.service.released == ["p1"]
    assert len({event["id"] for event in zhengda.service.events}) == 1


def test_release_without_a_reviewers_key_is_wrong_use(zhengda: Any, policy: Policy, written: Written) -> None:
    del zhengda.environ["ZHENGDA_REVIEWER_KEY"]
    assert zhengda("publish", written(policy()), "--release") == 2
    assert "ZHENGDA_REVIEWER_KEY" in zhengda.err


def test_wait_prints_the_funnel_when_it_is_complete(zhengda: Any, policy: Policy, written: Written) -> None:
    assert zhengda("publish", written(policy()), "--release", "--wait", "--json") == 0
    assert (zhengda.json["complete"], zhengda.json["matched"]) == (True, 7)


def test_wait_on_jsonl_prints_a_funnel_for_each(zhengda: Any, policy: Policy, written: Written) -> None:
    file = written(policy("a"), policy("b"), name="all.jsonl")
    assert zhengda("publish", file, "--release", "--wait", "--json") == 0
    assert [funnel["policy_id"] for funnel in zhengda.json] == ["a", "b"]


def test_wait_that_runs_out_exits_3_and_still_prints_what_is_known(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.never_complete = True
    assert zhengda("publish", written(policy()), "--release", "--wait", "--timeout", "30", "--json") == 3
    assert 30 <= zhengda.time.at < 32
    assert zhengda.json["waiting"]["planned"] == 3
    assert "planned 3" in zhengda.err


def test_503_is_asked_again_until_it_ends(zhengda: Any, policy: Policy, written: Written) -> None:
    zhengda.service.away = 4
    assert zhengda("publish", written(policy())) == 0
    assert zhengda.time.at >= 4


def test_503_to_the_end_exits_1_and_says_that_nothing_was_taken(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.away = 10**6
    assert zhengda("publish", written(policy()), "--timeout", "20") == 1
    assert "took nothing: the log is away" in zhengda.err


def test_503_to_the_end_ends_a_whole_jsonl_and_blames_no_line(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.away = 10**6
    file = written(policy("a"), policy("b"), name="all.jsonl")
    assert zhengda("publish", file, "--timeout", "20") == 1
    (line,) = zhengda.err.splitlines()
    assert line.startswith("the service cannot take anything for now and took nothing")


def test_no_service_at_the_address_exits_4(zhengda: Any, policy: Policy, written: Written) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    zhengda.transport = httpx.MockTransport(refuse)
    assert zhengda("publish", written(policy())) == 4
    assert zhengda.err.count("\n") == 1


def test_a_service_that_restarts_meanwhile_is_waited_for(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    answers = iter([True, False, False, *[True] * 99])

    def sometimes(request: httpx.Request) -> httpx.Response:
        if next(answers):
            return zhengda.service._answer(request)
        raise httpx.ConnectError("connection refused", request=request)

    zhengda.transport = httpx.MockTransport(sometimes)
    assert zhengda("publish", written(policy())) == 0


def test_an_unknown_key_ends_a_whole_jsonl_at_once(zhengda: Any, policy: Policy, written: Written) -> None:
    zhengda.service.routes["POST", "/api/v1/events"] = lambda _: httpx.Response(
        401, json={"detail": "unknown key"}
    )
    assert zhengda("publish", written(policy("a"), policy("b"), name="all.jsonl")) == 1
    assert len(zhengda.service.seen) == 1
    assert "unknown key" in zhengda.err


def test_an_answer_that_is_not_ours_is_said_so(zhengda: Any, policy: Policy, written: Written) -> None:
    zhengda.service.routes["POST", "/api/v1/events"] = lambda _: httpx.Response(
        200, text="<html>proxy</html>"
    )
    assert zhengda("publish", written(policy())) == 1
    assert "not this service" in zhengda.err


def test_a_decision_in_a_file_is_sent_with_the_reviewers_key(zhengda: Any, written: Written) -> None:
    event = {
        "specversion": "1.0",
        "id": "d1",
        "source": "/r",
        "type": "policy.released",
        "data": {"policy_id": "p1", "revision": 1},
    }
    assert zhengda("publish", written(event)) == 0
    assert zhengda.service.keys_used("POST", "/api/v1/events") == {"reviewer"}


def test_wrong_use_exits_2(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("publish", tmp_path / "missing.json") == 2
    assert zhengda("publish") == 2
    assert zhengda("nonsense") == 2
    assert zhengda.service.seen == []


def test_chinese_locales_are_answered_in_chinese(zhengda: Any, policy: Policy, written: Written) -> None:
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    zhengda.service.refuse["p1"] = "版本过旧"
    assert zhengda("publish", written(policy())) == 1
    assert zhengda.err == "被拒绝：版本过旧\n"


def test_what_was_taken_is_told_in_the_callers_language(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    for locale, told in (("en_US", "p1 revision 1: accepted\n"), ("zh_CN", "p1 第 1 版：已受理\n")):
        zhengda.environ["LANG"] = f"{locale}.UTF-8"
        assert zhengda("publish", written(policy())) == 0
        assert zhengda.out == told


def test_wait_says_at_once_that_a_reviewer_must_release_and_goes_on_waiting(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.never_complete = True
    assert zhengda("publish", written(policy()), "--wait", "--timeout", "30") == 3
    first, *rest = zhengda.err.splitlines()
    assert first.startswith("policy p1 waits for a reviewer's release: zhengda release p1")
    assert not [line for line in rest if "zhengda release" in line], "it is said once"
    assert 30 <= zhengda.time.at < 32


@pytest.mark.parametrize("state", ["refused", "superseded", "repealed"])
def test_wait_fails_where_nothing_was_ever_pushed_and_nothing_will_be(
    zhengda: Any, policy: Policy, written: Written, state: str
) -> None:
    funnel = {"policy_id": "p1", "revision": 1, "state": state, "complete": True, "campaigns": []}
    path = "/api/v1/policies/p1/funnel"
    zhengda.service.routes["GET", path] = lambda _: httpx.Response(200, json=funnel)
    assert zhengda("publish", written(policy()), "--wait") == 1
    assert zhengda.err == f"policy p1 will not be delivered: it is {state}\n"
    ended = {"specversion": "1.0", "id": "d1", "source": "/r", "type": "policy.repealed"}
    assert zhengda("publish", written(ended | {"data": {"policy_id": "p1"}}), "--wait") == 0, "it was meant"
    funnel["campaigns"] = [{"campaign_id": "c", "occurrence": "policy", "state": "done"}]
    assert zhengda("publish", written(policy()), "--wait") == 0


def test_wait_on_a_released_policy_says_nothing_of_a_release(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    assert zhengda("publish", written(policy()), "--release", "--wait") == 0
    assert "zhengda release" not in zhengda.err


def test_the_help_of_preview_says_that_corrections_do_not_count(zhengda: Any) -> None:
    assert zhengda("preview", "--help") == 0
    assert "corrections made since it was published do not count" in " ".join(zhengda.out.split())


def test_wait_names_early_every_policy_that_a_reviewer_must_release(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.never_complete = True
    zhengda.service.released.append("b")
    file = written(*(policy(name) for name in "abcdefgh"), name="many.jsonl")
    assert zhengda("publish", file, "--wait", "--timeout", "30", "--json") == 3
    first, *rest = zhengda.err.splitlines()
    assert first.startswith(
        "7 policies wait for a reviewer's release (a, c, d, e, f, …): zhengda release POLICY"
    )
    assert not [line for line in rest if "zhengda release" in line], "it is said once"
    assert [funnel["policy_id"] for funnel in zhengda.json] == list("abcdefgh")


def test_wait_says_who_must_release_before_it_waits_for_what_is_slow(
    zhengda: Any, policy: Policy, written: Written
) -> None:
    zhengda.service.funnels_until_complete = 50
    zhengda.service.released.append("slow")
    file = written(policy("slow"), policy("waits"), name="two.jsonl")
    assert zhengda("publish", file, "--wait") == 0
    assert "policy waits waits for a reviewer's release" in zhengda.err
    asked = [path.split("/")[4] for _, path, _ in zhengda.service.seen if path.endswith("/funnel")]
    assert asked.index("waits") < len(asked) - asked[::-1].index("slow"), (
        "not after the slow one was complete"
    )


def test_wait_that_runs_out_shows_every_policy_as_it_is_then(
    zhengda: Any, policy: Policy, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhengda.service.never_complete = True
    sleep = zhengda.time.sleep

    def sleep_and_release(seconds: float) -> None:
        sleep(seconds)
        if zhengda.time.at > 3 and "b" not in zhengda.service.released:
            zhengda.service.released.append("b")  # as somebody may from another shell

    monkeypatch.setattr(zhengda.time, "sleep", sleep_and_release)
    file = written(*(policy(name) for name in "abc"), name="three.jsonl")
    assert zhengda("publish", file, "--wait", "--timeout", "10", "--json") == 3
    states = {funnel["policy_id"]: funnel["state"] for funnel in zhengda.json}
    assert states == {"a": "waiting", "b": "released", "c": "waiting"}
