"""The URL of a CMPP gateway."""

import pytest

from channels.sms.gateways.cmpp.address import Address
from channels.sms.gateways.cmpp.pdus import V20, V30


def test_a_url_says_who_where_and_how() -> None:
    address = Address.from_url(
        "cmpp://900001:p%40ss@ismg.example:7891?src=10690001&service=ZWTS&window=32&connections=2&numbers=1"
        "&sp=900002&fee_user=0&fee_type=02&fee_code=000010"
    )
    assert (address.host, address.port, address.user, address.secret) == (
        "ismg.example",
        7891,
        "900001",
        "p@ss",
    )
    assert (address.src, address.sp, address.service) == ("10690001", "900002", "ZWTS")
    assert (address.window, address.connections, address.numbers) == (32, 2, 1)
    assert (address.fee_user, address.fee_type, address.fee_code) == (0, "02", "000010")
    assert address.version == V30


def test_little_has_to_be_said() -> None:
    address = Address.from_url("cmpp2://900001:secret@ismg.example?src=10690001")
    assert (address.port, address.version, address.sp, address.window) == (7890, V20, "900001", 16)
    assert (address.connections, address.numbers) == (1, 99)


@pytest.mark.parametrize(("said", "version"), [("2", V20), ("3.0", V30)])
def test_the_version_may_be_an_option(said: str, version: int) -> None:
    assert Address.from_url(f"cmpp://900001:secret@ismg.example?src=1&version={said}").version == version


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in repr(Address.from_url("cmpp://900001:hush@ismg.example?src=1069"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("cmpps://900001:hush@ismg.example?src=1", "cmpp://"),
        ("cmpp://900001:hush@?src=1", "host"),
        ("cmpp://ismg.example?src=1", "user"),
        ("cmpp://900001:hush@ismg.example", "src"),
        ("cmpp://9000012:hush@ismg.example?src=1", "user"),
        ("cmpp://900001:hush@ismg.example?src=1&windows=1", "windows"),
        ("cmpp://900001:hush@ismg.example?src=1&window=0", "window"),
        ("cmpp://900001:hush@ismg.example?src=1&window=many", "window"),
        ("cmpp://900001:hush@ismg.example?src=1&numbers=101", "numbers"),
        ("cmpp://900001:hush@ismg.example?src=1&version=1", "version"),
        ("cmpp://900001:hush@ismg.example?src=1&service=政策", "service"),
        ("cmpp://900001:hush@ismg.example:99999?src=1", "ort"),
    ],
)
def test_a_wrong_url_says_what_is_wrong_without_its_secret(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        Address.from_url(url)
    assert "hush" not in str(caught.value)
