"""Where a webhook may go: every address that is not public is refused, in whatever spelling."""

import pytest

from channels.webhook.places import inner, may_go_to, open_networks

INNER = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata of most clouds
    "100.100.100.200",  # … and of Aliyun
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.1.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "8.8.8.8",
    "114.114.114.114",
    "2606:4700::1111",
    "2400:3200::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", INNER)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not may_go_to(address, (), public=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be_gone_to_when_it_is_encrypted(address: str) -> None:
    assert may_go_to(address, (), public=True)
    assert not may_go_to(address, (), public=False), "plain http goes to opened networks only"


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"])
def test_a_network_that_the_operator_opened_may_be_gone_to_in_any_spelling(address: str) -> None:
    opened = open_networks("192.168.7.0/24, 10.0.0.0/8")
    assert may_go_to(address, opened, public=False)
    assert not may_go_to("10.1.2.3", open_networks("10.2.0.0/16"), public=True)


def test_an_opened_network_of_the_newer_kind_opens_nothing_else() -> None:
    opened = open_networks("fd12::/16")
    assert may_go_to("fd12::9", opened, public=False)
    assert not may_go_to("fd13::9", opened, public=True)


def test_the_address_inside_another_is_found() -> None:
    assert str(inner("2002:7f00:1::")) == "127.0.0.1"
    assert str(inner("64:ff9b::7f00:1")) == "127.0.0.1"
    assert str(inner("::ffff:127.0.0.1")) == "127.0.0.1"


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/40"):
        open_networks("10.0.0.0/40")
