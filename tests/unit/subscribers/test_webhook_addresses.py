"""URLs of webhooks: what cannot be connected to is refused where it is entered."""

import pytest

from subscribers.addresses import normalise
from subscribers.errors import AddressError


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example.com:70000/",
        "https://a.example.com:99999999999999999999/",
        "https://a.example.com:0/",
        "https://a.example.com:eighty/",
        "https://[::1/",
        "https:///path",
        "ftp://a.example.com/",
    ],
)
def test_a_url_that_nothing_can_connect_to_is_no_address(address: str) -> None:
    with pytest.raises(AddressError):
        normalise("webhook", address)


@pytest.mark.parametrize("address", ["https://a.example.com/x?y=1", "https://[2001:db8::1]:8443/"])
def test_a_url_stays_as_it_was_given(address: str) -> None:
    assert normalise("webhook", address) == address
