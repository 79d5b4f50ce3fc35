"""``zhengda plan`` and ``zhengda tasks``: what people read of what is still to come."""

import json
from typing import Any

import httpx
import pytest

ITEM = {
    "due_id": "d",
    "kind": "reminder",
    "occurrence": "reminder:3:2027-01-08",
    "due_at": "2027-01-05T01:00:00.000Z",
    "not_after": None,
    "provisional": True,
    "state": "planned",
    "reason": None,
    "revision": 1,
}
STATES = [
    ("reminder:15:2027-01-08", "dropped", "past_at_release"),
    ("reminder:1:2027-01-08", "dropped", "past_deadline"),
    ("effective:2026-12-01", "done", None),
    ("expiry:2028-12-01", "cancelled", "repealed"),
    ("interpretation_missing", "cancelled", "interpreted"),
    ("tracking:1", "cancelled", "amended"),
    ("reminder:3:2026-12-01", "cancelled", "not_released"),
]


def answers(zhengda: Any, path: str, content: Any) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=content)

    zhengda.service.routes["GET", path] = answer
    return asked


@pytest.fixture
def whole() -> dict[str, Any]:
    rest = [
        ITEM
        | {
            "occurrence": name,
            "kind": name.split(":")[0],
            "state": state,
            "reason": reason,
            "provisional": False,
        }
        for name, state, reason in STATES
    ]
    return {"agency_id": "a", "policy_id": "p1", "plan": [ITEM, *rest]}


def test_the_plan_says_when_in_shanghai_what_and_that_it_is_provisional(
    zhengda: Any, whole: dict[str, Any]
) -> None:
    zhengda.environ["LC_ALL"] = "zh_CN.UTF-8"
    asked = answers(zhengda, "/api/v1/policies/p1/plan", whole)
    assert zhengda("plan", "p1", "--agency", "a") == 0
    assert asked[0].url.params["agency"] == "a"
    (first,) = [
        line for line in zhengda.out.splitlines() if "截止前 3 个工作日" in line and "2027-01-08" in line
    ]
    assert "2027-01-05 09:00" in first
    assert "待办" in first
    assert "暂定" in first
    assert zhengda.out.count("暂定") == 1


@pytest.mark.parametrize(("locale", "why"), [("zh_CN.UTF-8", "政策已废止"), ("C", "the policy was repealed")])
def test_every_state_has_its_reason_in_words(
    zhengda: Any, whole: dict[str, Any], locale: str, why: str
) -> None:
    zhengda.environ["LC_ALL"] = locale
    answers(zhengda, "/api/v1/policies/p1/plan", whole)
    assert zhengda("plan", "p1") == 0
    assert why in zhengda.out
    assert not [
        code for code in ("past_at_release", "past_deadline", "not_released", "due_") if code in zhengda.out
    ]


def test_an_agency_s_tasks_are_listed_in_words(zhengda: Any) -> None:
    task = {
        "task_id": "t",
        "agency_id": "a",
        "policy_id": "p1",
        "kind": "tracking:1",
        "text": "请做好跟踪解读",
        "at": "2026-03-05T01:00:00.000Z",
        "settled_at": None,
    }
    answers(zhengda, "/api/v1/tasks", {"tasks": [task]})
    assert zhengda("tasks") == 0
    assert "2026-03-05 09:00" in zhengda.out
    assert "请做好跟踪解读" in zhengda.out


@pytest.mark.parametrize(
    ("argv", "path", "content"),
    [
        (["plan", "p1"], "/api/v1/policies/p1/plan", {"policy_id": "p1", "plan": []}),
        (["tasks"], "/api/v1/tasks", {"tasks": []}),
    ],
)
def test_nothing_is_said_as_such_and_json_is_what_the_route_answers(
    zhengda: Any, argv: list[str], path: str, content: dict[str, Any]
) -> None:
    answers(zhengda, path, content)
    assert zhengda(*argv) == 0
    assert zhengda.out.strip() == "nothing"
    assert zhengda(*argv, "--json") == 0
    assert json.loads(zhengda.out) == content
