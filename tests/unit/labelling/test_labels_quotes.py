"""The quote that is shown as a label's reason: one sentence, without its neighbour's note, with its brackets closed."""

import pytest

from streams.labelling.quotes import sentence_around

_OFFICES = "省科技厅、省财政厅、省市场监管局、省地方金融监管局、人民银行西安分行"


def quote(body: str, mention: str) -> str:
    start = body.index(mention)
    left, right = sentence_around(body, start, start + len(mention))
    assert left <= start
    assert start + len(mention) <= right
    return body[left:right]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("支持复工。（责任单位：省科技厅，各设区市政府） 三、减免房租。", "三、减免房租"),
        (f"支持复工。（责任单位：{_OFFICES}） 三、减免房租。", "三、减免房租"),
        ("支持复工。（责任单位：省科技厅；配合单位：省财政厅） 三、减免房租。", "三、减免房租"),
        ("支持复工。（责任单位：省科技厅（牵头）、省财政厅） 三、减免房租。", "三、减免房租"),
        ("支持复工。(省科技厅负责)对企业减免房租。", "对企业减免房租"),
        ("支持复工。（一）对企业减免房租。", "（一）对企业减免房租"),  # its number, no note
        ("支持复工。（责任单位：省科技厅）（完成时限：长期）对企业减免房租。", "对企业减免房租"),
    ],
)
def test_a_quote_begins_behind_the_note_of_the_paragraph_before(body: str, found: str) -> None:
    assert quote(body, "减免房租") == found


def test_a_mention_in_a_note_is_quoted_with_that_note_alone() -> None:
    body = "支持复工。（责任单位：省科技厅、省财政厅） 三、减免房租。"
    assert quote(body, "省科技厅") == "（责任单位：省科技厅、省财政厅）"


def test_a_quote_does_not_begin_inside_an_explanation() -> None:
    body = (
        "各有关单位要按照本市促进房地产业健康发展若干措施的要求（以下称措施，见附件）文件精神，发放购房补贴。"
    )
    assert quote(body, "购房补贴") == "发放购房补贴"


def test_a_quote_that_would_begin_inside_a_title_begins_with_it() -> None:
    body = "《某市促进房地产市场平稳健康发展若干措施》在支持合理住房需求和改善性住房需求以及发放购房补贴方面有作用。"
    assert quote(body, "购房补贴").startswith("《某市促进房地产")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("购房补贴（面积不超过90平方米。）", "购房补贴（面积不超过90平方米。）"),
        ("购房补贴按《办法；细则》发放。", "购房补贴按《办法；细则》"),
        (f"购房补贴（{_OFFICES}；{_OFFICES}）。", "购房补贴"),
        ("购房补贴（责任单位：省科技厅\n二、减税）。", "购房补贴"),
    ],
)
def test_a_quote_leaves_no_bracket_open(body: str, found: str) -> None:
    assert quote(body, "购房补贴") == found
