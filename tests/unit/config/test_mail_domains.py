from pathlib import Path

import pytest

from config.mail_domains import load_mail_domains
from config.office_file import OfficeFileError

FAMILY = '[[family]]\nname = "{0}"\ndomains = ["{1}"]\nper_second = {2}\n'


def test_all_domains_of_a_provider_are_one_family() -> None:
    found = load_mail_domains()
    assert found["163.com"] is found["126.com"] is found["yeah.net"]
    assert found["qq.com"] is not found["163.com"]
    assert "example.gov.cn" not in found


def test_an_office_changes_a_family_lifts_another_and_adds_its_own(tmp_path: Path) -> None:
    own = tmp_path / "domains.toml"
    own.write_text(
        FAMILY.format("netease", "163.com", 3)
        + FAMILY.format("tencent", "qq.com", 0)
        + FAMILY.format("ours", "corp.cn", 0.5),
        encoding="utf-8",
    )
    found = load_mail_domains(own)
    assert found["163.com"].per_second == 3
    assert "126.com" not in found
    assert "qq.com" not in found
    assert found["corp.cn"].per_second == 0.5
    assert found["sina.com"].per_second == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[family", "not TOML"),
        ("[netease]", "netease is unknown"),
        ('[family]\nname = "x"', "with two brackets"),
        ('[[family]]\nname = "x"', "name, domains and per_second and nothing else"),
        (FAMILY.format("x", "163", 3), "domains are a list of names"),
        (FAMILY.format("x", "A.com", 3), "small letters"),
        (FAMILY.format("x", "a.com", -1), "from 0 (no cap)"),
        (FAMILY.format("x", "a.com", "true"), "from 0 (no cap)"),
        (FAMILY.format("", "a.com", 1), "name is a word"),
        (FAMILY.format("x", "qq.com", 1), "qq.com is in tencent and in x"),
    ],
)
def test_what_is_wrong_in_an_offices_families_is_said(text: str, said: str, tmp_path: Path) -> None:
    own = tmp_path / "domains.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeFileError) as raised:
        load_mail_domains(own)
    assert said in str(raised.value)
    assert str(own) in str(raised.value)
