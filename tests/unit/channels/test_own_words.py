"""Reasons in Chinese: those that our channels find themselves; a far side's own words are quoted as they stand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import channels
from channels.own_words import WORDS, in_chinese

FOUND_BY_US = {"UnreachableError", "AccountError", "ContentError", "UnknownOutcomeError", "end", "abort"}


def written(node: ast.expr) -> str:
    """The text of a literal with X where a value goes; "" for what is no literal or begins with a value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.strip()
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "X"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
    return ""


def literal_reasons() -> Iterator[str]:
    for file in sorted(Path(channels.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = (inner for inner in ast.walk(node.args[0]) if isinstance(inner, ast.expr))
            if name in FOUND_BY_US and (reason := next(filter(None, map(written, texts)), "")):
                yield reason


def test_every_reason_that_a_channel_writes_itself_has_chinese_words() -> None:
    reasons = set(literal_reasons())
    assert len(reasons) > 30
    assert [reason for reason in sorted(reasons) if in_chinese(reason) == reason] == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("the gateway takes no connection (ConnectError)", "无法连接网关（ConnectError）"),
        (
            "no connection to the mail server: ConnectionRefusedError: [Errno 111] Connect call failed",
            "无法连接邮件服务器：ConnectionRefusedError: [Errno 111] Connect call failed",
        ),
        (
            "the connection ended before it was of use: it broke (ConnectionResetError)",
            "连接尚未使用即中断：连接中断（ConnectionResetError）",
        ),
        ("returned: 554 5.7.1 spam {x}", "退信：554 5.7.1 spam {x}"),
        ("the text has 900 characters, more than 8 parts hold", "短信共 900 字，超出 8 段的容量"),
        ("the gateway refuses user or password (status 3)", "网关拒绝用户名或密码（状态 3）"),
    ],
)
def test_a_reason_is_told_with_its_values_and_with_the_reason_within_it(reason: str, told: str) -> None:
    assert in_chinese(reason) == told


@pytest.mark.parametrize("said", ["554 5.7.1 spam", "isv.OUT_OF_SERVICE 业务停机", "", "{} {0} {x}"])
def test_what_a_far_side_said_stays_as_it_is(said: str) -> None:
    assert in_chinese(said) == said


def test_both_sides_of_the_table_take_as_many_values() -> None:
    assert [said for said, told in WORDS.items() if said.count("{}") != told.count("{}")] == []
