"""``zhengda dkim``: makes a key once, shows its record ever after."""

import re
from pathlib import Path
from typing import Any

import dkim
import pytest

from channels.email.dkim import load_signer
from channels.email.mime import mail
from tests.servers.messages import message

SENDER = "政达 <push@policy.example.gov.cn>"


@pytest.fixture(autouse=True)
def _sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGDA_MAIL_FROM", SENDER)


def test_a_new_key_is_its_owners_alone_and_its_record_verifies_what_it_signs(
    zhengda: Any, tmp_path: Path
) -> None:
    file = tmp_path / "dkim.pem"
    assert zhengda("dkim", file) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    record, setting = zhengda.out.splitlines()
    assert setting == f"ZHENGDA_DKIM_KEY={file}"
    assert record.startswith("zhengda._domainkey.policy.example.gov.cn. IN TXT ( ")
    strings = re.findall(r'"([^"]*)"', record)
    assert max(map(len, strings)) <= 255
    signer = load_signer(file, "policy.example.gov.cn", "zhengda")
    whole = mail(message(), "user1@example.cn", SENDER, signer)
    assert dkim.verify(whole, dnsfunc=lambda _name, timeout=5: "".join(strings).encode("ascii"))


def test_a_key_that_is_there_stays_and_shows_the_same_record(
    zhengda: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dkim.pem"
    monkeypatch.setenv("ZHENGDA_DKIM_KEY", str(file))
    assert zhengda("dkim") == 0
    made, shown = file.read_bytes(), zhengda.out
    assert zhengda("dkim") == 0
    assert (file.read_bytes(), zhengda.out) == (made, shown)


def test_selector_and_domain_are_settings(
    zhengda: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGDA_DKIM_SELECTOR", "y2026")
    monkeypatch.setenv("ZHENGDA_DKIM_DOMAIN", "gov.example.cn")
    assert zhengda("dkim", tmp_path / "dkim.pem") == 0
    assert zhengda.out.startswith("y2026._domainkey.gov.example.cn. IN TXT ")


def test_what_cannot_be_is_said_in_one_line(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("dkim") == 2
    assert "ZHENGDA_DKIM_KEY" in zhengda.err
    assert zhengda("dkim", tmp_path / "missing" / "dkim.pem") == 1
    assert "cannot be written" in zhengda.err
    (tmp_path / "junk").write_text("junk")
    assert zhengda("dkim", tmp_path / "junk") == 1
    assert "no private key" in zhengda.err
