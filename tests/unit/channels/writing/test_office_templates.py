"""An office's own templates: they replace shipped ones, and what is wrong with one is told by file and line."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from channels.message import NOTICES, Content, Occasion
from channels.writing.check import adopt, look_at
from channels.writing.office import TemplatesError, read_office, shipped_names
from channels.writing.render import SLOTS, headline, mail_pieces, mail_slots, sms_text, space_text, use_office
from tests.servers.messages import content, message

NOT_SHOWN = {"content_id", "agency_id", "policy_id", "revision"}  # ids: nobody reads them
CONTENT_FIELDS = {field.name for field in fields(Content)} - NOT_SHOWN
LAYOUT = "sms/layout.txt.jinja"
SOUND = "【{{ signature }}】{% block news %}{% endblock %} {{ content.url | link }}（{{ slots.why }}）拒收回R"


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    use_office({})


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return tmp_path


def put(office: Path, name: str, text: str) -> Path:
    path = office / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(office: Path) -> str:
    with pytest.raises(TemplatesError) as caught:
        adopt(office)
    return str(caught.value)


def test_a_file_replaces_the_shipped_one_of_its_name_and_no_other(office: Path) -> None:
    put(
        office,
        "sms/policy.txt.jinja",
        '{% extends "sms/layout.txt.jinja" %}{% block news %}新政策{{ content.title | short(20) }}{% endblock %}',
    )
    before = space_text(message())
    assert adopt(office) == []
    assert "新政策关于支持专精特新企业" in sms_text(message(), "云山政策")
    assert "退订回T" in sms_text(message(), "云山政策")
    assert space_text(message()) == before


def test_a_layout_of_the_office_is_under_every_shipped_message(office: Path) -> None:
    put(office, LAYOUT, SOUND)
    assert adopt(office) == []
    for occasion in set(Occasion) - NOTICES - {Occasion.DIGEST}:
        assert sms_text(message(content=content(occasion=occasion)), "云山政策").endswith("拒收回R")


def test_an_office_template_may_build_on_the_one_that_it_replaces(office: Path) -> None:
    put(office, LAYOUT, '{% extends "shipped/sms/layout.txt.jinja" %}')
    put(
        office,
        "sms/reminder.txt.jinja",
        '{% extends "shipped/sms/reminder.txt.jinja" %}{% block news %}请抓紧：{{ super() }}{% endblock %}',
    )
    assert adopt(office) == []
    assert "请抓紧：《关于支持" in sms_text(message(content=content(occasion=Occasion.REMINDER)), "云山政策")


def test_what_was_rendered_before_is_not_remembered(office: Path) -> None:
    same = content()
    first = sms_text(message(content=same))
    put(office, LAYOUT, SOUND)
    adopt(office)
    assert sms_text(message(content=same)) != first
    adopt(None)
    assert sms_text(message(content=same)) == first


def test_a_syntax_error_is_told_by_file_and_line(office: Path) -> None:
    path = put(office, LAYOUT, "【{{ signature }}】\n\n{% if content.url %}\n{{ slots.why }}")
    assert refused(office).startswith(f"{path}:")
    assert "if" in refused(office)


def test_a_name_that_no_message_has_is_told_by_file_and_line(office: Path) -> None:
    path = put(
        office,
        "sms/policy.txt.jinja",
        '{% extends "sms/layout.txt.jinja" %}\n{% block news %}\n{{ content.tittle }}{% endblock %}',
    )
    assert refused(office).startswith(f"{path}:3: ")
    assert "tittle" in refused(office)


def test_what_breaks_only_where_a_policy_leaves_something_out_is_found(office: Path) -> None:
    path = put(
        office,
        "sms/policy.txt.jinja",
        '{% extends "sms/layout.txt.jinja" %}{% block news %}\n'
        "{{ content.title }}{{ content.apply_closes.year }}{% endblock %}",
    )
    assert refused(office).startswith(f"{path}:2: ")


def test_an_unknown_filter_is_told(office: Path) -> None:
    path = put(office, LAYOUT, SOUND + "\n{{ content.title | shorten(3) }}")
    assert refused(office).startswith(f"{path}:2: ")
    assert "shorten" in refused(office)


@pytest.mark.parametrize(
    "escape",
    [
        "{{ content.__class__.__mro__ }}",
        "{{ content.title.__init__.__globals__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
    ],
)
def test_the_sandbox_holds(office: Path, escape: str) -> None:
    path = put(office, LAYOUT, SOUND + escape)
    assert str(path) in refused(office)


@pytest.mark.parametrize(
    "unescaped",
    ["{{ content.title | safe }}", "{% autoescape false %}{{ content.title }}{% endautoescape %}"],
)
def test_what_comes_from_outside_cannot_pass_unescaped(office: Path, unescaped: str) -> None:
    name = "email/policy.html.jinja"
    path = put(
        office,
        name,
        '{% extends "email/layout.html.jinja" %}{% block lead %}\n' + unescaped + "{% endblock %}",
    )
    assert refused(office).startswith(f"{path}:2: ")


def test_a_misspelt_name_is_told_with_the_one_that_is_meant(office: Path) -> None:
    put(office, "sms/polcy.txt.jinja", SOUND)
    assert "is sms/policy.txt.jinja meant?" in refused(office)


def test_a_missing_template_is_told_where_it_is_asked_for(office: Path) -> None:
    path = put(office, "sms/policy.txt.jinja", "\n" + '{% extends "sms/layuot.txt.jinja" %}')
    assert refused(office).startswith(
        f"{path}:2: there is no template sms/layuot.txt.jinja, is sms/layout.txt.jinja meant?"
    )


def test_a_part_that_others_use_may_have_any_name(office: Path) -> None:
    put(office, "ours/foot.txt.jinja", "（{{ slots.why }}）退订回T")
    put(
        office, LAYOUT, '【{{ signature }}】{% block news %}{% endblock %}{% include "ours/foot.txt.jinja" %}'
    )
    assert adopt(office) == []
    assert sms_text(message()).endswith("退订回T")


def test_a_file_that_is_no_text_is_told_by_its_line(office: Path) -> None:
    path = put(office, LAYOUT, "第一行\n")
    path.write_bytes(path.read_bytes() + "退订".encode("gb18030"))
    assert refused(office).startswith(f"{path}:2: not UTF-8")


def test_every_mistake_is_told_at_once(office: Path) -> None:
    first = put(office, "sms/policy.txt.jinja", "{% if %}")
    second = put(office, "space/policy.txt.jinja", "{{ }")
    lines = refused(office).splitlines()
    assert [line.partition(":")[0] for line in lines] == [str(first), str(second)]


def test_a_mistake_that_many_messages_share_is_told_once(office: Path) -> None:
    path = put(office, LAYOUT, "【{{ signature }}】{{ content.tittle }}")
    first = "sms/policy.txt.jinja and 9 more"
    assert refused(office) == f"{path}:1: Content has no attribute 'tittle' (in {first})"


def test_a_broken_template_changes_nothing(office: Path) -> None:
    before = sms_text(message())
    put(office, LAYOUT, "{% if %}")
    refused(office)
    assert sms_text(message()) == before


def test_a_directory_that_is_not_there_is_told(office: Path) -> None:
    assert "ZHENGDA_TEMPLATES" in refused(office / "nowhere")


@pytest.mark.parametrize(
    ("name", "text", "lacking"),
    [
        (LAYOUT, "【{{ signature }}】{% block news %}{% endblock %}退订回T", "why it came"),
        (LAYOUT, "【{{ signature }}】{% block news %}{% endblock %}（{{ slots.why }}）", "how to leave"),
        (LAYOUT, "{% block news %}{% endblock %}（{{ slots.why }}）退订回T", "【{{ signature }}】"),
        ("sms/policy.txt.jinja", '{% extends "sms/layout.txt.jinja" %}', "what it is about"),
        ("sms/confirm.txt.jinja", "【{{ signature }}】请确认", "the link or code"),
        ("sms/why.txt.jinja", "按规定", "why it came"),
        ("email/layout.txt.jinja", "{{ content.title }}{{ slots.why }}", "how to leave"),
        ("email/layout.html.jinja", "{{ content.title }}{{ slots.leave }}", "why it came"),
        ("space/layout.txt.jinja", "{{ content.title }}{{ slots.why }}", "how to leave"),
        (
            "email/why.txt.jinja",
            "{% for reason in reasons %}{{ reason.subscription }}登记信息{% endfor %}",
            "why it came",
        ),
    ],
)
def test_what_a_message_must_say_is_missed_and_the_office_warned(
    office: Path, name: str, text: str, lacking: str
) -> None:
    path = put(office, name, text)
    warnings = adopt(office)
    assert warnings
    assert {one.path for one in warnings} == {path}
    assert any(lacking in one.message for one in warnings)


def test_a_file_that_ends_wrong_is_doubtful_and_a_note_is_not(office: Path) -> None:
    put(office, "README.md", "ours")
    put(office, ".gitkeep", "")
    path = put(office, "sms/policy.txt.jinja2", "x")
    (warning,) = adopt(office)
    assert (warning.path, warning.error) == (path, False)


def test_a_headline_stays_on_one_line_whatever_its_template_does(office: Path) -> None:
    put(office, "headline.txt.jinja", "{{ content.title }}\nBcc: all@example.cn")
    adopt(office)
    assert "\n" not in headline(content())


def test_every_shipped_template_may_stand_in_an_office_unchanged(office: Path) -> None:
    from channels.writing.office import SHIPPED

    for name in shipped_names():
        put(office, name, (SHIPPED / name).read_text(encoding="utf-8"))
    assert look_at(read_office(office), office) == []
    assert adopt(office) == []
    whole = message()
    assert "因为您订阅了“软件业扶持”" in mail_pieces(whole.content, "txt").fill(mail_slots(whole, "txt"))


def test_the_templates_that_the_documentation_shows_are_sound(office: Path) -> None:
    shown = (Path(__file__).parents[4] / "docs" / "templates.md").read_text(encoding="utf-8")
    examples = re.findall(r"^`([^`]+\.jinja)`\n```jinja\n(.*?)^```$", shown, re.DOTALL | re.MULTILINE)
    assert len(examples) == 2
    for name, text in examples:
        put(office, name, text)
    assert adopt(office) == []
    assert sms_text(message()).endswith("拒收请回复R")
    assert "三楼预审" in space_text(message(content=content(occasion=Occasion.REMINDER)))


def test_the_documentation_names_every_value_and_filter() -> None:
    shown = (Path(__file__).parents[4] / "docs" / "templates.md").read_text(encoding="utf-8")
    named = {f"`.{name}`" for name in CONTENT_FIELDS} | {f"`slots.{name}`" for name in SLOTS}
    left_out = {one for one in named if one not in shown and one.replace("`.", "`content.") not in shown}
    assert left_out == set()
