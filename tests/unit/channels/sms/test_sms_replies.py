"""Which replies end the messages, however they were typed and sent."""

import pytest

from channels.sms.replies import decoded, wants_out

OUT = [
    "T",
    "t",
    "TD",
    "td",
    " T D ",
    "ＴＤ",
    "ｔｄ 。",
    "退订",
    "退 订！",
    "【退订】",
    "“R”",
    "r.",
    "退訂",
    "T退订",
    "退订TD",
]
IN = ["", "。", "T恤多少钱", "TR", "RT", "不退订", "退订吧你们", "T1", "谢谢", "READ", "补贴怎么申请"]


@pytest.mark.parametrize("text", OUT)
def test_the_words_of_leaving_count_however_they_are_typed(text: str) -> None:
    assert wants_out(text)


@pytest.mark.parametrize("text", IN)
def test_other_words_do_not_count(text: str) -> None:
    assert not wants_out(text)


@pytest.mark.parametrize(
    ("raw", "charset", "coding"),
    [
        ("退订".encode(), "UTF-8", "2"),
        ("退订".encode(), "8-BIT", "1"),
        ("退订".encode("utf-16-be"), "UTF-16BE", "2"),
        ("退订".encode("utf-16-be"), "", "2"),
        ("退订".encode("gb18030"), "8-BIT", "1"),
    ],
)
def test_a_reply_is_read_in_the_charset_it_came_in(raw: bytes, charset: str, coding: str) -> None:
    assert decoded(raw, charset, coding) == "退订"


def test_bytes_in_no_charset_are_some_text_and_no_error() -> None:
    assert not wants_out(decoded(b"\xff\xfe\xff", "UTF-8", "2"))
    assert len(decoded(b"a" * 100_000, "", "0")) < 5000
