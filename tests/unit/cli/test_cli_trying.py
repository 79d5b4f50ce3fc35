"""``zhengda subscriptions try``: what criteria in a file would have brought."""

import json
from pathlib import Path
from typing import Any

import httpx
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from service.api.problems import problem_json, problem_of
from subscribers.criteria import Criteria

ANSWER = {
    "days": 90,
    "looked_at": 120,
    "complete": True,
    "matched": 11,
    "policies": [
        {
            "agency_id": "a",
            "policy_id": "p1",
            "revision": 1,
            "title": "关于支持软件产业发展的若干措施",
            "issuer": "局",
            "at": "2026-03-01T17:00:00.000Z",
            "labels": ["industry:I65"],
            "reasons": ["行业：软件和信息技术服务业", "关键词：软件"],
        }
    ],
}
CRITERIA = {"any": [{"all": [{"industry": "I65"}]}], "profile": {"staff": {"max": 300}}}


def asked(zhengda: Any, answer: Any = ANSWER, status: int = 200) -> list[Any]:
    seen: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(status, json=answer)

    zhengda.service.routes["POST", "/api/v1/criteria/preview"] = respond
    return seen


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "wish.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


def test_the_count_and_the_newest_are_told_with_their_reasons(zhengda: Any, tmp_path: Path) -> None:
    seen = asked(zhengda)
    assert zhengda("subscriptions", "try", written(tmp_path, CRITERIA)) == 0
    assert seen == [{"criteria": CRITERIA}], "ranges inside of criteria are not the profile of a subscriber"
    assert "in the last 90 days you would have got 11 of 120 policies" in zhengda.out
    assert "2026-03-02" in zhengda.out, "the day in China"
    assert "关于支持软件产业发展的若干措施" in zhengda.out
    assert "only the newest" not in zhengda.out


def test_a_profile_may_be_tried_as_the_route_takes_it(zhengda: Any, tmp_path: Path) -> None:
    seen = asked(zhengda, ANSWER | {"complete": False, "policies": [], "matched": 0})
    given = {"kind": "enterprise", "profile": {"staff": 20}}
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    assert zhengda("subscriptions", "try", written(tmp_path, given)) == 0
    assert seen == [given]
    assert "近 90 天会收到 0 条（共 120 条）" in zhengda.out
    assert "只查了最近的一部分" in zhengda.out


def test_json_is_what_the_route_answered(zhengda: Any, tmp_path: Path) -> None:
    asked(zhengda)
    assert zhengda("subscriptions", "try", written(tmp_path, CRITERIA), "--json") == 0
    assert zhengda.json == ANSWER


def test_a_file_that_is_no_criteria_is_told(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("subscriptions", "try", tmp_path / "none.json") == 2
    assert "there is no file" in zhengda.err
    assert zhengda("subscriptions", "try", written(tmp_path, [1])) == 1
    assert "expected one JSON object" in zhengda.err
    wrong = {"field": "criteria.any.0", "message": "unknown code industry:I6555, did you mean I655 (…)?"}
    asked(zhengda, {"title": "x", "detail": "wrong", "errors": [wrong]}, 422)
    assert zhengda("subscriptions", "try", written(tmp_path, CRITERIA)) == 1
    assert "did you mean I655" in zhengda.err


def test_what_is_wrong_is_said_once_and_in_plain_words(zhengda: Any, tmp_path: Path) -> None:
    told = {
        "{}": "criteria: say what you want to hear about: one condition in any, or a keyword",
        '{"any":[{"all":[{"region":"上海"}]}]}': "criteria.any.0.all.0.region.0: unknown code region:上海, "
        "did you mean 310000 (上海市)?",
    }
    for given, words in told.items():
        answer = json.loads(bytes(problem_json(problem_of(_refused(json.loads(given)))).body))
        asked(zhengda, answer, 422)
        assert zhengda("subscriptions", "try", written(tmp_path, json.loads(given))) == 1
        assert "".join(zhengda.err.split()).count("".join(words.split())) == 1
        for library in ("Value error", "should have", "Tuple"):
            assert library not in zhengda.err


def _refused(criteria: Any) -> RequestValidationError:
    try:
        Criteria.model_validate(criteria)
    except ValidationError as exc:
        return RequestValidationError(
            [{**one, "loc": ("body", "criteria", *one["loc"])} for one in exc.errors()]
        )
    raise AssertionError("these criteria are right")
