"""Whatever is wrong is told at once at the start, and nothing is started or made before it is mended."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings
from service import bootstrap
from service.cli import run
from service.discovery import DiscoveryError, read_discovery
from service.serving import PortTaken, listen
from service.start_check import all_mistakes, mistakes

FILES = (
    "RETRIES", "PROMISES", "MAIL_DOMAINS", "MAIL_BOUNCES", "DKIM_KEY", "SMS_CODES", "SMS_TEMPLATES", "TEMPLATES",
    "CALENDAR", "LEXICON",
)  # fmt: skip
GATEWAYS = "cmpp://1:s3cret@h smpp://x@h aliyun://a:s3cret@b tencent://a:s3cret@c"


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def named(lines: list[str]) -> list[str]:
    """The setting that each line begins with."""
    return [line.partition(":")[0].removeprefix("ZHENGDA_") for line in lines]


def test_what_is_as_shipped_is_right() -> None:
    assert mistakes(Settings()) == []


def test_every_file_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    told = mistakes(Settings.model_validate({name.lower(): gone for name in FILES}))
    assert sorted(named(told)) == sorted(FILES)
    assert all(str(gone) in line for line in told)


def test_every_gateway_that_cannot_be_opened_is_named_without_its_password() -> None:
    told = mistakes(Settings(sms_url=GATEWAYS))
    assert [line.split(": ")[1] for line in told] == ["cmpp", "smpp", "tencent"]
    assert "s3cret" not in str(told)


def test_every_wrong_table_of_a_file_is_named(own: Callable[[str, str], Path]) -> None:
    templates = own(
        "sms.toml",
        '[aliyum.policy]\nid = "1"\n'
        '[aliyun.policy]\nid = "2"\nvariables = { a = "titel:35", b = "isuer" }\n'
        '[aliyun.polcy]\nid = "3"\n',
    )
    told = mistakes(Settings(sms_url="aliyun://a:b@c", sms_templates=templates))
    assert [re.split(" is | = ", line.split("sms.toml: ")[1])[0] for line in told] == [
        "[aliyum]",
        "[aliyun.policy] a",
        "[aliyun.policy] b",
        "[aliyun.polcy]",
    ]


@pytest.mark.parametrize(
    ("setting", "text", "places"),
    [
        ("retries", '[email]\nwaits = ["1 hour"]\n[fax]\nwaits = ["1m"]', ("[email]", "[fax]")),
        ("promises", '[sms]\nshare = 1\n[fax]\nshare = 1\n[far_side]\nup = 1', ("[sms]", "[fax]", "[far_side]")),
        ("mail_domains", '[[family]]\nname = "a"\n[[family]]\nname = "b"', ("family 1", "family 2")),
        ("sms_codes", '[cmpp]\ngon = ["1"]\noff = 3\n[smpp]\ngone = 1', ("gon ", "off ", "[smpp]")),
    ],
)  # fmt: skip
def test_one_wrong_table_hides_no_other(
    own: Callable[[str, str], Path], setting: str, text: str, places: tuple[str, ...]
) -> None:
    told = mistakes(Settings.model_validate({setting: own("own.toml", text)}))
    assert len(told) == len(places), told
    assert all(sum(place in line for line in told) == 1 for place in places), told


def test_a_template_that_cannot_be_read_hides_no_fault_of_another(
    own: Callable[[str, str], Path], tmp_path: Path
) -> None:
    own("t/sms/policy.txt.jinja", "{% if %}")
    own("t/sms/repeal.txt.jinja", '{% include "sms/mine.txt.jinja" %}{% if %}')
    own("t/sms/mine.txt.jinja", "used by one that is broken itself")
    own("t/email/policy.txt.jinja", "{{ content.titel }}")
    own("t/space/policy.txt.jinja", "").write_bytes(b"line\n\xff")
    told = mistakes(Settings(templates=tmp_path / "t"))
    files = [line.partition("/t/")[2].split(": ")[0] for line in told]
    assert files == [
        "email/policy.txt.jinja:1",
        "sms/policy.txt.jinja:1",
        "sms/repeal.txt.jinja:1",
        "space/policy.txt.jinja:2",
    ]


def test_what_is_built_on_a_broken_template_is_judged_when_that_one_is_mended(
    own: Callable[[str, str], Path], tmp_path: Path
) -> None:
    layout = own("t/sms/layout.txt.jinja", "{% if %}")
    own("t/sms/base.txt.jinja", '{% extends "sms/layout.txt.jinja" %}')
    own(
        "t/sms/policy.txt.jinja",
        '{% extends "sms/base.txt.jinja" %}{% block own %}{{ super() }}{{ content.titel }}{% endblock %}',
    )
    (told,) = mistakes(Settings(templates=tmp_path / "t"))
    assert "layout.txt.jinja:1" in told
    layout.write_text(
        "【{{ signature }}】{% block own %}{{ content.title }}{{ slots.why }}退订{% endblock %}", "utf-8"
    )
    (told,) = mistakes(Settings(templates=tmp_path / "t"))
    assert "policy.txt.jinja:1" in told
    assert "titel" in told


def test_files_and_gateways_are_looked_at_though_a_setting_is_wrong(
    monkeypatch: pytest.MonkeyPatch, own: Callable[[str, str], Path]
) -> None:
    templates = own("sms.toml", '[kannel.policy]\nid = "1"\n[aliyun.polcy]\nid = "2"\n')
    monkeypatch.setenv("ZHENGDA_PORT", "many")
    monkeypatch.setenv("ZHENGDA_RETRIES", "/nowhere")
    monkeypatch.setenv("ZHENGDA_SMS_TEMPLATES", str(templates))
    monkeypatch.setenv(
        "ZHENGDA_SMS_URL", "kanel://u:s3cret@h aliyun://a:s3cret@b telex://u:s3cret@h smpp://x@h"
    )
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    told = all_mistakes(wrong.value)
    assert sorted(named(told)) == ["PORT", "RETRIES", "SMS_TEMPLATES", "SMS_URL", "SMS_URL", "SMS_URL"]
    assert [line.split(": ")[1] for line in told if "SMS_URL" in line] == ["gateway 1", "gateway 3", "smpp"]
    assert "aliyun.polcy" in str(told), (
        "the table of a gateway that may only be misspelt is no mistake of its own"
    )
    assert "s3cret" not in str(told)


def test_nothing_is_made_by_a_start_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FILES:
        monkeypatch.setenv(f"ZHENGDA_{name}", str(tmp_path / "gone"))
    monkeypatch.setenv("ZHENGDA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZHENGDA_SMS_URL", GATEWAYS)
    monkeypatch.setattr(bootstrap, "configure_logging", lambda *_: None)  # it is the process's own
    assert run(["up"]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ZHENGDA_")]
    assert {*named(lines)} == {*FILES, "SMS_URL"}
    assert len(lines) == len(FILES) + 3
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("below", ["", "deeper"])
def test_data_that_is_a_file_is_told_in_one_line(
    own: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    below: str,
) -> None:
    file = own("afile", "")
    monkeypatch.setenv("ZHENGDA_DATA", str(file / below))
    monkeypatch.setattr(bootstrap, "configure_logging", lambda *_: None)  # it is the process's own
    assert run(["up"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ZHENGDA_DATA: {file} is no directory; set ZHENGDA_DATA to")
    with pytest.raises(DiscoveryError, match="Not a directory: set ZHENGDA_DATA"):
        read_discovery(file / below / "service.json")


def test_a_misspelt_setting_is_named_beside_the_mistake_that_it_makes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZHENGDA_BOUNCE_DOMIAN", "bounce.example.gov.cn")
    monkeypatch.setenv("ZHENGDA_BOUNCE_LISTEN", "smtp://127.0.0.1:2525")
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    *_, last = all_mistakes(wrong.value)
    assert last == "ZHENGDA_BOUNCE_DOMIAN: nothing reads it; did you mean ZHENGDA_BOUNCE_DOMAIN?"


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1"])
def test_a_host_that_is_none_of_this_machine_is_what_is_told(host: str) -> None:
    with pytest.raises(PortTaken, match=r"\): set ZHENGDA_HOST to"):
        listen(host, 0)


def test_a_port_that_is_taken_is_what_is_told() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortTaken, match="set ZHENGDA_PORT to a free port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_all_that_is_wrong_in_the_options_of_one_gateway_is_named() -> None:
    smpp, cmpp = mistakes(Settings(sms_url="smpp://a:b@h?window=0&ids=hexdec&foo=1 cmpp://a:b@h?sr=1"))
    assert all(part in smpp for part in ("unknown option foo", "option window", "option ids"))
    assert all(part in cmpp for part in ("unknown option sr", "needs ?src="))
