"""What stands on a relay sheet: cut to its places, whatever comes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.taxonomies import load_taxonomy
from service.pages.paper import breadth, cut, excerpt, lines
from service.pages.sheet import CONCERN, PER_LINE, ROOM, lay_out
from streams.labelling import Label
from streams.policies import PolicyView

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TAXONOMY = load_taxonomy()


def label(name: str, quote: str = "", weight: float = 1.0) -> Label:
    dimension, code = name.split(":")
    return Label(dimension, code, 0, len(quote), quote, "rule", weight, "rule")


def view(body: str = "软件企业可以申报。", labels: tuple[Label, ...] = (), **data: Any) -> PolicyView:
    head = {"title": "关于支持软件产业的措施", "issuer": "示范市工业和信息化局"}
    given = {"publish_date": "2026-03-01", **data}
    return PolicyView(
        "sheet", "P-1", 1, "released", given.pop("title", head["title"]), head["issuer"], "open", False, given, body,
        "张三", "/x", "e", NOW, NOW, NOW, "李四", None, labels,
    )  # fmt: skip


def test_labels_of_one_dimension_share_a_line_with_the_words_that_prove_one() -> None:
    labels = (
        label("size:small", "支持中小企业。"),
        label("size:medium", "支持中小企业。", 2.0),
        label("subject:enterprise", "各有关企业"),
        label("kind:measure"),
        label("theme:T07"),
    )
    concerns = lay_out(view(labels=labels), TAXONOMY, NOW.date()).concerns
    assert [(one.names, one.quote) for one in concerns] == [
        ("企业", "各有关企业"),
        ("中型企业、小型企业", "支持中小企业。"),
    ]


def test_a_sentence_that_proves_several_things_is_printed_once() -> None:
    labels = (
        label("size:small", "对小型软件企业给予奖励"),
        label("instrument:award", "对小型软件企业给予奖励"),
    )
    concerns = lay_out(view(labels=labels), TAXONOMY, NOW.date()).concerns
    assert [(one.names, one.quote) for one in concerns] == [
        ("小型企业", "对小型软件企业给予奖励"),
        ("奖励、奖补", ""),
    ]


def test_a_quote_gives_way_to_many_names() -> None:
    labels = tuple(label(f"industry:{letter}", "农业" * 50) for letter in "ABCDEFGHIJK")
    (one,) = lay_out(view(labels=labels), TAXONOMY, NOW.date()).concerns
    assert breadth(one.names) + breadth(one.quote) <= CONCERN


@pytest.mark.parametrize(
    "body", ["一句话。" * 30_000, "没有句号" * 30_000, "短行。\n" * 9_000, "字\n" * 9_000]
)
def test_the_text_never_takes_more_lines_than_there_are(body: str) -> None:
    sheet = lay_out(view(body, title="很长的题目" * 100), TAXONOMY, NOW.date())
    assert sheet.goes_on
    assert sum(lines(text, PER_LINE, 2) for text in sheet.text) <= ROOM
    assert breadth(sheet.title) <= 80


def test_a_short_text_stands_whole_and_says_so() -> None:
    sheet = lay_out(view("第一条\n\n第二条。"), TAXONOMY, NOW.date())
    assert (sheet.text, sheet.goes_on) == (("第一条", "第二条。"), False)


def test_how_and_until_when_to_apply() -> None:
    window = {"opens": None, "closes": "2026-04-30"}
    given = view(
        labels=(label("action:apply"),),
        apply_window=window,
        contact="010-1",
        apply_url="https://x.cn/" + "a" * 99,
    )
    assert dict(lay_out(given, TAXONOMY, NOW.date()).steps) == {
        "能做什么": TAXONOMY.name("action", "apply"),
        "申报时间": "即日起至2026年4月30日",
        "申报入口": "网址较长，请扫码打开",
        "咨询方式": "010-1",
    }


@pytest.mark.parametrize(
    ("data", "over"),
    [
        ({}, ""),
        ({"valid_until": "2026-03-02"}, ""),
        ({"valid_until": "2026-03-01"}, "已过有效期"),
        ({"apply_window": {"closes": "2026-03-02"}}, ""),
        ({"apply_window": {"closes": "2026-03-01"}}, "申报期已结束"),
    ],
)
def test_what_is_over_is_stamped(data: dict[str, Any], over: str) -> None:
    assert lay_out(view(**data), TAXONOMY, date(2026, 3, 2)).over == over


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    assert cut("第一句。第二句。第三句。", 9) == "第一句。第二句。"
    assert cut("没有句号的一长串文字", 5) == "没有句号…"
    assert breadth(cut("字" * 100, 20)) <= 20
    assert cut("短。", 20) == "短。"


def test_an_excerpt_keeps_whole_paragraphs_as_long_as_there_is_room() -> None:
    text = ["一" * 10 + "。", "二" * 30 + "。" + "三" * 40 + "。", "四。"]
    assert excerpt(text, 10, 20) == (text, False)
    assert excerpt(text, 3, 20) == ([text[0], "二" * 30 + "。"], True)
    assert excerpt(text, 1, 20) == ([text[0]], True)
    assert excerpt(text, 0, 20) == ([], True)
