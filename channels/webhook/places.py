"""Where a webhook may go: to public addresses, and to those networks that the operator opened. Pure.

Whoever can enter a URL could otherwise have this service speak to machines that only it can reach (SSRF, OWASP). What
is refused is what the special-purpose registries of IANA call not globally reachable, and whatever carries an IPv4
address inside is judged by that one: ``::ffff:127.0.0.1`` is 127.0.0.1.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
UNUSABLE = tuple(
    ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible, deprecated by RFC 4291
        "64:ff9b:1::/48",  # NAT64 of one's own network, RFC 8215
        "2001::/23",  # Teredo, benchmarking, ORCHID … (RFC 2928)
        "fec0::/10",  # site-local, deprecated by RFC 3879
        "192.0.0.0/24",  # protocol assignments; versions of Python differ on them
        "192.88.99.0/24",  # 6to4 relays, deprecated by RFC 7526
    )
)


class PlaceRefused(Exception):
    """The URL leads to an address that webhooks may not go to; nothing was connected.

    Where it is meant, the operator opens that network by ZHENGDA_WEBHOOK_ALLOW.
    """


def open_networks(setting: str) -> tuple[Network, ...]:
    """Return the networks of a list such as ``10.0.0.0/8, fd00::/8``.

    Raises:
        ValueError: one of them is no network; the message names it.
    """
    return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())


def inner(address: str) -> Address:
    """Return the address that a connection to ``address`` ends at, as far as it says so itself.

    Raises:
        ValueError: it is no address.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        if found.sixtofour is not None:
            return found.sixtofour
        if found in NAT64:
            return IPv4Address(int(found) & 0xFFFFFFFF)
    return found


def may_go_to(address: str, opened: Sequence[Network], *, public: bool) -> bool:
    """Whether a webhook may be sent to ``address``.

    Args:
        address: what a name was resolved to.
        opened: networks that the operator opened.
        public: whether it may go to the public internet at all; what is not encrypted may not.
    """
    found = inner(address)
    if any(found in network for network in opened if network.version == found.version):
        return True
    return public and _is_public(found)


def _is_public(found: Address) -> bool:
    if isinstance(found, IPv6Address) and found.scope_id is not None:
        return False
    if found.is_multicast or found.is_reserved or found.is_unspecified or not found.is_global:
        return False
    return not any(found in network for network in UNUSABLE if network.version == found.version)
