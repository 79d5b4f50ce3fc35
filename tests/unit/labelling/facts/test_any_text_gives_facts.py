"""No text breaks the grammar or holds it up, and every quote stands where it is said to stand."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.calendar import WorkingDays
from streams.labelling.facts import Facts, read_facts

WORDS = [
    *(
        "本办法自",
        "2024年3月1日",
        "起施行",
        "，",
        "。",
        "有效期",
        "3",
        "年",
        "至",
        "12月31日",
        "止",
        "（",
        "）",
        "〔",
    ),
    *(
        "2024",
        "〕",
        "号",
        "令第",
        "《",
        "》",
        "同时废止",
        "申报时间",
        "为",
        "前",
        "报送",
        "最高",
        "50万元",
        "补贴",
    ),
    *(
        "30%",
        "营业收入",
        "不低于",
        "二〇二四年",
        "三月",
        "99月99日",
        "工作日",
        "内",
        "提交",
        "自印发之日",
        "即日",
    ),
    *("以上", "以下", "成立", "注册", "后", "的企业", "每平方米", "/㎡", "面积", "(不含)", "-"),
    *(" ", "\n", "\u200b", "務(wù)", "９", "亿", "元", "0000年1月1日"),
]
MEGABYTE = 1_000_000


def proved(facts: Facts, body: str) -> bool:
    single = (facts.doc_number, facts.effective_date, facts.valid_until, facts.apply_from, facts.apply_until)
    found = [fact for fact in (*single, *facts.repeals, *facts.amounts, *facts.conditions) if fact]
    return all(fact.quote == body[fact.start : fact.end] for fact in found)


@given(st.text(max_size=400), st.text(max_size=60), st.none() | st.dates())
def test_no_text_raises(body: str, title: str, published: date | None) -> None:
    assert proved(read_facts(title=title, body=body, publish_date=published, calendar=WorkingDays()), body)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), st.none() | st.dates())
def test_no_heap_of_its_words_raises(body: str, published: date | None) -> None:
    assert proved(read_facts(title=body, body=body, publish_date=published, calendar=WorkingDays()), body)


@pytest.mark.parametrize(
    "repeated",
    [
        "起",
        "有效期",
        "2026年3月31日前，企业",
        "申报时间\n",
        "日止",
        "自本通知发布之日起",
        "自印发之日起",
        "营业收入不低于",
        "2020年1月1日成立",
        "营业收入2万元至",
        "申报时间2024年1月1日至",
        "1",
        "(",
        "《废止》",
        " \n",
    ],
)
def test_a_megabyte_of_repeats_ends(repeated: str) -> None:
    body = repeated * (MEGABYTE // len(repeated))
    began = time.process_time()
    read_facts(title="", body=body, publish_date=date(2024, 1, 1))
    assert time.process_time() - began < 60
