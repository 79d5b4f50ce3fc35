"""What the e-mail channel is built from, and what it says of settings that cannot be used."""

from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.building import Building
from channels.email import EmailChannel, open_channel, signer_of
from channels.email.dkim import pem
from channels.email.verp import delivery_of
from config.settings import Settings, SettingsError
from service.doctor import check_dkim
from tests.servers.messages import message


def building(**given: Any) -> Building:
    settings = Settings(smtp_url="smtp://127.0.0.1:2525", mail_from="政达 <push@example.gov.cn>").model_copy(
        update=given
    )
    keys = {"mail-bounces": b"b" * 32}
    parts = {"settings": settings, "derive": keys.__getitem__}
    made = object.__new__(Building)
    for name, part in parts.items():
        object.__setattr__(made, name, part)
    return made


def opened(**given: Any) -> EmailChannel:
    return cast(EmailChannel, open_channel(building(**given)))


def test_without_a_domain_for_bounces_they_go_to_the_sender() -> None:
    assert opened().returns(message().delivery_id) == "push@example.gov.cn"


def test_with_one_each_delivery_has_a_return_path_of_its_own() -> None:
    path = opened(bounce_domain="bounce.example.gov.cn").returns(message().delivery_id)
    assert path.endswith("@bounce.example.gov.cn")
    assert delivery_of(path, b"b" * 32) == message().delivery_id


def test_a_key_signs_for_the_senders_domain_or_for_the_one_that_is_set(tmp_path: Path) -> None:
    file = tmp_path / "dkim.pem"
    file.write_bytes(pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    signer = opened(dkim_key=file).signer
    assert signer is not None
    assert signer.record()[0] == "zhengda._domainkey.example.gov.cn"
    other = signer_of(building(dkim_key=file, dkim_domain="gov.cn", dkim_selector="y26").settings)
    assert other is not None
    assert other.record()[0] == "y26._domainkey.gov.cn"
    assert check_dkim(building(dkim_key=file).settings).status == "ok"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"smtp_url": "smtp://host:port"}, "ZHENGDA_SMTP_URL"),
        ({"mail_from": "政达"}, "ZHENGDA_MAIL_FROM"),
        ({"dkim_key": Path("/nowhere/dkim.pem")}, "ZHENGDA_DKIM_KEY"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        opened(**given)


def test_the_doctor_names_a_key_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    check = check_dkim(building(dkim_key=tmp_path / "junk").settings)
    assert check.status == "failed"
    assert "ZHENGDA_DKIM_KEY" in check.detail
    assert check_dkim(building().settings).status == "ok"


@pytest.mark.parametrize("name", ["bounce_domain", "dkim_domain", "dkim_selector"])
@pytest.mark.parametrize("value", ["a b", "政府.cn", "-x.cn", "x..cn", "@x.cn", "a;b"])
def test_what_is_no_domain_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="domain name"):
        Settings(**{name: value})
