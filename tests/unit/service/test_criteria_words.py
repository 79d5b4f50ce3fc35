"""Criteria as their owner reads them."""

from typing import Any

import pytest

from config.taxonomies import load_taxonomy
from service.pages.criteria_words import in_words
from subscribers.criteria import Criteria


def said(given: Any) -> list[str]:
    return in_words(Criteria.model_validate(given).plain(), load_taxonomy())


def test_every_part_is_said() -> None:
    given = {
        "any": [
            {"all": [{"industry": "I65"}, {"region": "310115", "or_unrestricted": True}]},
            {"all": [{"size": ["micro", "small"]}]},
        ],
        "keywords": ["首版次", "软件"],
        "not": [{"industry": "K"}],
        "profile": {"staff": {"max": 300}},
    }
    assert said(given) == [
        "行业：软件和信息技术服务业，适用地区：浦东新区（含不限），或者企业规模：微型企业、小型企业",
        "提到：软件、首版次",
        "不要：行业：房地产业",
        "针对的企业：职工不超过 300 人",
    ]


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"staff": {"min": 20, "max": 1300}}, "职工 20 人至 1,300 人"),
        ({"staff": {"min": 10, "max": 10}}, "职工 10 人"),
        ({"founded": {"from": "2020-01-01", "to": "2020-01-01"}}, "成立于 2020-01-01"),
        ({"revenue": {"min": 20_000_000}}, "年营业收入不少于 2000 万元"),
        ({"revenue": {"min": 5_000, "max": 120_000_000}}, "年营业收入 5,000 元至 1.2 亿元"),
        ({"revenue": {"max": 12_345_670_000}}, "年营业收入不超过 1234567 万元"),
        ({"founded": {"from": "2020-01-01"}}, "成立于 2020-01-01 及以后"),
        ({"founded": {"to": "2020-01-01"}}, "成立于 2020-01-01 及以前"),
        ({"founded": {"from": "2020-01-01", "to": "2021-01-01"}}, "成立于 2020-01-01 至 2021-01-01"),
    ],
)
def test_ranges_are_said_as_people_write_them(ranges: Any, words: str) -> None:
    assert said({"keywords": ["软件"], "profile": ranges})[-1] == f"针对的企业：{words}"


def test_a_long_list_is_cut() -> None:
    industries = list(load_taxonomy().codes["industry"])[:9]
    (words,) = said({"any": [{"all": [{"industry": industries}]}]})
    assert words.endswith("等 9 项")
    assert words.count("、") >= 5
