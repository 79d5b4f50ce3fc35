"""Interpretations and FAQs on the command line: published, listed, decided on; and the figures."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.fake_face import problem

ITEM = {"kind": "faq", "id": "F-1", "policy_id": "p1", "revision": 1, "state": "waiting", "title": "常见问题"}
FIGURES = {
    "agency_id": None,
    "interpretation": {
        "must_be_interpreted": 4,
        "interpreted": 3,
        "rate": 0.75,
        "missing": [{"agency_id": "sheet", "policy_id": "p9", "title": "某办法"}],
    },
}
SHOWN: dict[str, Any] = {
    "policy_id": "p1",
    "title": "某办法",
    "revision": 1,
    "state": "released",
    "interpretation": "missing",
    "facts": [
        {"name": "valid_until", "number": 0, "value": "2029-02-28", "quote": "有效期三年", "origin": "rule"},
        {
            "name": "amounts",
            "number": 0,
            "value": {"value": 5e5, "unit": "yuan", "bound": "maximum", "purpose": "奖励", "per": ""},
            "quote": "最高50万元",
            "origin": "rule",
        },
        {
            "name": "conditions",
            "number": 0,
            "value": {"field": "employees", "op": ">=", "value": 20, "unit": "person"},
            "quote": "职工20人以上",
            "origin": "rule",
        },
        {"name": "conditions", "number": 1, "value": None, "quote": "成立满1年", "origin": "reviewer"},
    ],
    "labels": [
        {"dimension": "industry", "code": "I65", "name": "软件", "quote": "软件企业", "origin": "rule"},
        {"dimension": "theme", "code": "T07", "name": "科技", "quote": "", "origin": "publisher"},
        {"dimension": "size", "code": "micro", "name": "微型", "quote": "", "origin": "reviewer"},
    ],
    "interpretations": [{"interpretation_id": "I-1", "title": "一图读懂", "state": "waiting", "copied": 0.9}],
    "faqs": [{"faq_id": "F-1", "title": "常见问题", "items": [], "revision": 2}],
}


def answers(zhengda: Any, method: str, path: str, content: Any, status: int = 200) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json=content)

    zhengda.service.routes[method, path] = answer
    return asked


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "text.txt"
    file.write_text("\ufeff这份文件解决什么问题？", encoding="utf-8")
    return file


def test_an_interpretation_is_published_with_its_text_and_named_by_its_id(zhengda: Any, text: Path) -> None:
    done = zhengda(
        "interpret", "p1", "--title", "一图读懂", "--file", text, "--form", "chart", "--id", "I-1", "--json"
    )
    assert (done, zhengda.json["status"], zhengda.json["id"]) == (0, "accepted", "I-1")
    (event,) = zhengda.service.events
    assert event["type"] == "interpretation.published"
    assert event["data"] == {
        "policy_id": "p1",
        "interpretation": {
            "interpretation_id": "I-1",
            "title": "一图读懂",
            "form": "chart",
            "body": "这份文件解决什么问题？",
        },
    }
    assert zhengda.service.keys_used("POST", "/api/v1/events") == {"own"}


def test_the_same_command_again_is_the_same_event_and_the_same_item(zhengda: Any, text: Path) -> None:
    made = []
    for _ in range(2):
        assert zhengda("interpret", "p1", "--title", "t", "--file", text, "--json") == 0
        made.append(zhengda.json["id"])
    first, second = zhengda.service.events
    assert first["id"] == second["id"]
    assert made[0] == made[1]
    assert zhengda("interpret", "p1", "--title", "t", "--file", text) == 0
    assert made[0] in zhengda.out


def test_an_address_alone_will_do_and_nothing_will_not(zhengda: Any) -> None:
    assert zhengda("interpret", "p1", "--title", "t", "--url", "https://example.gov.cn/v") == 0
    assert zhengda("interpret", "p1", "--title", "t") == 2
    assert "--file" in zhengda.err
    assert zhengda("interpret", "p1", "--title", "t", "--file", "no such") == 2


def test_a_text_that_is_no_utf8_is_refused(zhengda: Any, tmp_path: Path) -> None:
    file = tmp_path / "gbk.txt"
    file.write_bytes("解读".encode("gbk"))
    assert zhengda("interpret", "p1", "--title", "t", "--file", file) == 1
    assert "not UTF-8" in zhengda.err
    assert zhengda.service.events == []


def test_a_faq_is_published_from_its_file(zhengda: Any, tmp_path: Path) -> None:
    file = tmp_path / "faq.json"
    questions = {"title": "常见问题", "items": [{"question": "谁可申报？", "answer": "软件企业。"}]}
    file.write_text(json.dumps(questions), encoding="utf-8")
    assert zhengda("faq", "p1", "--file", file, "--id", "F-1") == 0
    assert "F-1" in zhengda.out
    (event,) = zhengda.service.events
    assert (event["type"], event["data"]["faq"]) == ("faq.published", questions | {"faq_id": "F-1"})
    file.write_text("[]", encoding="utf-8")
    assert zhengda("faq", "p1", "--file", file) == 1


def test_what_the_gate_refuses_is_said(zhengda: Any, text: Path) -> None:
    zhengda.service.refuse["p1"] = "p1 belongs to another agency"
    assert zhengda("interpret", "p1", "--title", "t", "--file", text) == 1
    assert zhengda.err == "refused: p1 belongs to another agency\n"


@pytest.mark.parametrize(("option", "kind"), [("--interpretation", "interpretations"), ("--faq", "faqs")])
@pytest.mark.parametrize("verb", ["release", "refuse"])
def test_an_item_is_decided_on_by_its_id(zhengda: Any, option: str, kind: str, verb: str) -> None:
    taken = {"event_id": "d", "source": "/r", "status": "received", "status_url": "/api/v1/events/d"}
    asked = answers(zhengda, "POST", f"/api/v1/policies/p1/{kind}/X:1/{verb}", taken, 202)
    answers(zhengda, "GET", "/api/v1/events/d", {"event_id": "d", "status": "accepted", "reason": None})
    reason = ["--reason", "不符"] if verb == "refuse" else []
    assert zhengda(verb, "p1", option, "X:1", "--revision", "2", *reason) == 0
    assert json.loads(asked[0].content) == {"revision": 2} | ({"reason": "不符"} if reason else {})
    assert zhengda.out == f"X:1 of p1 {verb}d\n"
    assert {key for _, _, key in zhengda.service.seen} == {"reviewer"}


def test_one_decision_is_about_one_thing(zhengda: Any) -> None:
    assert zhengda("release", "p1", "--interpretation", "I-1", "--faq", "F-1") == 2
    assert zhengda.service.seen == []


def test_a_release_without_interpretation_says_so(zhengda: Any) -> None:
    said = {"event_id": "release-p1", "status": "accepted", "reason": "released without an interpretation"}
    answers(zhengda, "GET", "/api/v1/events/release-p1", said)
    assert zhengda("release", "p1") == 0
    assert zhengda.err == "released without an interpretation\n"


@pytest.mark.parametrize(
    ("argv", "path", "content", "words"),
    [
        (["explanations", "--state", "waiting"], "/api/v1/explanations", {"explanations": [ITEM]}, "F-1"),
        (["figures"], "/api/v1/figures", FIGURES, "p9"),
        (["show", "p1"], "/api/v1/policies/p1", SHOWN, "missing"),
    ],
)
def test_what_is_there_is_shown(
    zhengda: Any, argv: list[str], path: str, content: dict[str, Any], words: str
) -> None:
    answers(zhengda, "GET", path, content)
    assert zhengda(*argv, "--json") == 0
    assert zhengda.json == content
    assert zhengda(*argv) == 0
    assert words in zhengda.out


def test_a_policy_is_shown_with_what_explains_it(zhengda: Any) -> None:
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN)
    assert zhengda("show", "p1") == 0
    for words in ("I-1", "waiting", "0.9", "F-1", "released", "软件企业"):
        assert words in zhengda.out


def test_a_policy_is_shown_with_its_facts_and_conditions_and_what_proves_them(zhengda: Any) -> None:
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN)
    assert zhengda("show", "p1") == 0
    _, facts = zhengda.out.split("\nFacts\n")
    facts, conditions = facts.split("\nConditions\n")
    assert ["valid_until", "2029-02-28", "rules", "有效期三年"] in [
        line.split() for line in facts.splitlines()
    ]
    assert "≤ 500,000 元 奖励" in facts
    assert "职工20人以上" not in facts
    rows = [
        tuple(word.strip() for word in line.split("  ") if word.strip()) for line in conditions.splitlines()
    ]
    assert ("employees >= 20 person", "rules", "职工20人以上") in rows
    assert ("taken away by a reviewer", "reviewer", "成立满1年") in rows


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en_US", ("rules", "publisher", "reviewer")), ("zh_CN", ("规则", "发布人", "审查人"))],
)
def test_each_label_of_a_policy_says_who_gave_it(zhengda: Any, locale: str, words: tuple[str, ...]) -> None:
    zhengda.environ["LANG"] = f"{locale}.UTF-8"
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN)
    assert zhengda("show", "p1") == 0
    rows = [line.split() for line in zhengda.out.splitlines()]
    for label, origin in zip(SHOWN["labels"], words, strict=True):
        assert [label["dimension"], label["code"], label["name"], origin] in [row[:4] for row in rows]


def test_a_label_that_a_reviewer_took_away_is_shown_as_such(zhengda: Any) -> None:
    gone = [
        {"dimension": "group", "code": "elderly", "name": "老年人", "rule": "body:老年人", "quote": "老年人"},
        {"dimension": "size", "code": "small", "name": "小型", "rule": "publisher", "quote": ""},
    ]
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN | {"labels_taken_away": gone})
    assert zhengda("show", "p1") == 0
    labels = zhengda.out.split("\nLabels\n")[1].split("\nFacts\n")[0]
    rows = [line.split(maxsplit=3) for line in labels.strip().splitlines()]
    assert [row[1] for row in rows[-2:]] == ["elderly", "small"]
    assert [" ".join(row[3].split()) for row in rows[-2:]] == [
        "taken away by a reviewer body:老年人 老年人",
        "taken away by a reviewer publisher -",
    ]
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    assert zhengda("show", "p1") == 0
    assert "审查人已去掉" in zhengda.out


def test_a_label_that_no_sentence_proves_says_what_does(zhengda: Any) -> None:
    label = SHOWN["labels"][0] | {"quote": "", "rule": "title:软件企业"}
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN | {"labels": [label]})
    for locale, heads in (("en_US", "rule"), ("zh_CN", "规则")):
        zhengda.environ["LANG"] = f"{locale}.UTF-8"
        assert zhengda("show", "p1") == 0
        named, row = zhengda.out.split("\n\n")[1].splitlines()[1:]
        assert named.split()[4] == heads
        assert row.split()[4:] == ["title:软件企业", "-"]


def test_a_corrected_fact_is_told_from_one_that_was_read(zhengda: Any) -> None:
    read = SHOWN["facts"][0]
    corrected = read | {"value": "2028-12-31", "origin": "reviewer"}
    for fact, row in (
        (read, ["valid_until", "2029-02-28", "规则", "有效期三年"]),
        (corrected, ["valid_until", "2028-12-31", "审查人", "有效期三年"]),
    ):
        zhengda.environ["LANG"] = "zh_CN.UTF-8"
        answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN | {"facts": [fact]})
        assert zhengda("show", "p1") == 0
        assert row in [line.split() for line in zhengda.out.splitlines()]


def test_an_origin_that_a_newer_service_knows_stands_as_it_came(zhengda: Any) -> None:
    label = SHOWN["labels"][0] | {"origin": "registry"}
    answers(zhengda, "GET", "/api/v1/policies/p1", SHOWN | {"labels": [label]})
    assert zhengda("show", "p1") == 0
    assert "registry" in zhengda.out


def test_what_a_policy_does_not_have_is_named(zhengda: Any) -> None:
    bare = SHOWN | {"labels": [], "facts": [], "interpretations": [], "faqs": []}
    answers(zhengda, "GET", "/api/v1/policies/p1", bare)
    assert zhengda("show", "p1") == 0
    named = [line for line in zhengda.out.splitlines() if line.endswith("nothing")]
    assert named == [
        f"{name}: nothing" for name in ("Labels", "Facts", "Conditions", "Interpretations and FAQs")
    ]


def beside(**states: str) -> dict[str, Any]:
    """The policy with an interpretation and a FAQ in these states."""
    return SHOWN | {
        "state": states["policy"],
        "interpretations": [{"interpretation_id": "I-1", "revision": 2, "state": states["interpretation"]}],
        "faqs": [{"faq_id": "F-1", "revision": 1, "state": states["faq"], "items": []}],
    }


def test_a_release_names_what_it_covered_and_what_it_left_waiting(zhengda: Any) -> None:
    shown = iter(
        [
            beside(policy="waiting", interpretation="waiting", faq="waiting"),
            beside(policy="released", interpretation="released", faq="waiting"),
        ]
    )
    zhengda.service.routes["GET", "/api/v1/policies/p1"] = lambda _: httpx.Response(200, json=next(shown))
    decided: list[Any] = []

    def decide(request: httpx.Request) -> httpx.Response:
        decided.append(json.loads(request.content))
        return zhengda.service.release("p1")

    zhengda.service.routes["POST", "/api/v1/policies/p1/release"] = decide
    assert zhengda("release", "p1") == 0, zhengda.err
    assert decided == [{"revision": 1, "explanations": ["interpretation:I-1:2", "faq:F-1:1"]}]
    assert zhengda.out.splitlines() == [
        "p1 revision 1 released",
        "released with it: interpretation I-1",
        "faq F-1 waits: zhengda release p1 --faq F-1",
    ]


def test_a_second_release_says_what_waits_and_how_to_release_that(zhengda: Any) -> None:
    answers(
        zhengda,
        "GET",
        "/api/v1/policies/p1",
        beside(policy="released", interpretation="waiting", faq="released"),
    )
    zhengda.service.routes["POST", "/api/v1/policies/p1/release"] = lambda _: problem(
        409, "revision 1 of p1 was released already"
    )
    assert zhengda("release", "p1") == 1
    assert "was released already" in zhengda.err
    assert "interpretation I-1 waits: zhengda release p1 --interpretation I-1" in zhengda.err
