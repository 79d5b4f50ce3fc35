"""Codes in an imported list may be written as names, as offices keep them."""

import pytest

from subscribers.lists.cells import read_cell


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("region", "上海市松江区", "310117"),
        ("region", "松江区", "310117"),
        ("region", "上海市 松江区", "310117"),
        ("region", "310117", "310117"),
        ("size", "小型企业", "small"),
        ("size", "small", "small"),
        ("kind", "个体工商户", "individual-business"),
        ("industries", "I65；软件和信息技术服务业", ["I65", "I65"]),
        ("industries", "信息传输、软件和信息技术服务业", ["I"]),
        ("industries", "C39、软件和信息技术服务业", ["C39", "I65"]),
        ("qualifications", "高新技术企业、创新型中小企业", ["high-tech", "innovative-sme"]),
    ],
)
def test_a_code_may_be_written_as_its_name(column: str, text: str, code: object) -> None:
    assert read_cell(column, text) == code


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("region", "朝阳区", "北京市朝阳区"),
        ("region", "青浦", "上海市松江区 or 310117"),
        ("size", "小型", "small (小型企业)"),
        ("industries", "C39；软件", "软件 is not known; write its code or whole name, such as I65"),
    ],
)
def test_a_name_that_is_none_is_refused_with_what_to_write(column: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"not known|are called") as refused:
        read_cell(column, text)
    assert words in str(refused.value)
