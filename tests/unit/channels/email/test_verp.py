from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.headers import deliverable
from channels.email.verp import delivery_of, return_path

KEY, OTHER = b"k" * 32, b"o" * 32
DELIVERY = "0f1e2d3c-4b5a-5768-9788-a9bacbdcedfe"


@given(st.uuids())
def test_a_return_path_leads_back_to_its_delivery(delivery: UUID) -> None:
    path = return_path(str(delivery), "bounce.example.gov.cn", KEY)
    assert deliverable(path) == path
    assert len(path.partition("@")[0]) <= 64
    assert delivery_of(path, KEY) == str(delivery)


def test_the_far_side_may_change_its_case_and_put_it_in_angle_brackets() -> None:
    path = return_path(DELIVERY, "bounce.example.gov.cn", KEY)
    assert delivery_of(f" <{path.upper()}> ", KEY) == DELIVERY


def test_who_does_not_have_the_key_makes_none() -> None:
    assert delivery_of(return_path(DELIVERY, "bounce.example.gov.cn", OTHER), KEY) is None


@given(st.integers(0, 50), st.sampled_from("0123456789abcdefg"))
def test_a_changed_character_is_noticed(place: int, char: str) -> None:
    local, _, domain = return_path(DELIVERY, "bounce.example.gov.cn", KEY).partition("@")
    changed = delivery_of(f"{local[:place]}{char}{local[place + 1 :]}@{domain}", KEY)
    assert changed == (DELIVERY if local[place] == char else None)


@pytest.mark.parametrize(
    "address", ["", "@", "push@example.gov.cn", "b-@x", "b-" + "a" * 32 + "-" + "b" * 15 + "@x"]
)
def test_any_other_address_stands_for_nothing(address: str) -> None:
    assert delivery_of(address, KEY) is None


def test_what_is_no_delivery_has_no_return_path() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        return_path("p-1", "bounce.example.gov.cn", KEY)
