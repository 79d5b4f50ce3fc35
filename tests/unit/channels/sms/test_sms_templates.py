"""Templates as gateways have them, and the values that messages have for them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from channels.message import Occasion
from channels.sms.templates import VALUES, load_templates
from channels.sms.texts import filled_with
from config.office_file import OfficeFileError
from tests.servers.messages import content, message

KINDS = {"aliyun": "aliyun", "backup": "tencent"}
GOOD = """
[aliyun.policy]
id = "SMS_1"
variables = { unit = "issuer:6", name = "title", until = "deadline|详见原文" }
[aliyun.confirm]
id = "SMS_2"
variables = { code = "code" }
[backup.policy]
id = "77"
variables = ["title:4", "path"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "templates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_gateway_has_its_templates_by_occasion(tmp_path: Path) -> None:
    found = load_templates(written(tmp_path, GOOD), KINDS)
    assert {name: sorted(table) for name, table in found.items()} == {
        "aliyun": ["confirm", "policy"],
        "backup": ["policy"],
    }
    assert load_templates(None, KINDS) == {}


def test_variables_are_filled_in_order_cut_to_length_and_never_empty_where_something_stands_for_nothing(
    tmp_path: Path,
) -> None:
    found = load_templates(written(tmp_path, GOOD), KINDS)
    policy = content(
        issuer="云山市工业和信息化局",
        title="关于支持企业的措施",
        url="https://h.example.cn/p/1?x=2",
        apply_closes=None,
    )
    filled = filled_with(message(1, content=policy))
    assert found["aliyun"]["policy"].parameters(filled) == {
        "unit": "云山市工业…",
        "name": "关于支持企业的措施",
        "until": "详见原文",
    }
    assert list(found["backup"]["policy"].parameters(filled).values()) == ["关于支…", "p/1?x=2"]


def test_a_message_has_every_value_that_a_template_may_name_on_one_line() -> None:
    filled = filled_with(
        message(
            1,
            content=content(
                title="关于\n支持", apply_closes=date(2026, 7, 1), occasion=Occasion.REMINDER, days_left=3
            ),
        )
    )
    assert filled.name == "reminder"
    assert tuple(filled.values) == VALUES
    assert (filled.values["title"], filled.values["deadline"], filled.values["days_left"]) == (
        "关于 支持",
        "2026年7月1日",
        "3",
    )
    assert filled.values["why"].startswith("因")
    code = filled_with(replace(message(1, content=content(occasion=Occasion.CONFIRM)), secret="123456"))
    assert (code.name, code.values["code"]) == ("confirm", "123456")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[aliyun.policy\n", "line 1"),
        ('[kannel.policy]\nid = "1"\n', r"\[kannel\] is no gateway.*aliyun, backup"),
        ('[aliyun.polcy]\nid = "1"\n', "polcy.* is no occasion"),
        ("[aliyun.policy]\nid = 1\n", 'takes id = "…"'),
        ('[aliyun.policy]\nid = "1"\nvars = []\n', "nothing else"),
        ('[aliyun.policy]\nid = "1"\nvariables = "title"\n', "a list or a table"),
        ('[aliyun.policy]\nid = "1"\nvariables = ["titel"]\n', 'is "value"'),
        ('[aliyun.policy]\nid = "1"\nvariables = ["title:0"]\n', 'is "value"'),
        ('[backup.policy]\nid = "1"\nvariables = ["url"]\n', "no address in a variable"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(OfficeFileError, match=says):
        load_templates(written(tmp_path, text), KINDS)
