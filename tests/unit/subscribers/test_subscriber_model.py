from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from subscribers.addresses import index_form, mask, normalise
from subscribers.errors import AddressError, explain
from subscribers.model import SubscriberIn, SubscriptionIn, shard_of


def put(**changes: Any) -> SubscriberIn:
    return SubscriberIn.model_validate({"name": "示范公司"} | changes)


def why(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        put(**changes)
    return explain(caught.value)


def test_a_name_is_enough_and_the_defaults_are_careful() -> None:
    given = put()
    assert (given.kind, given.contacts, given.profile_matching) == ("enterprise", (), True)
    assert given.preferences.profile_channels == ("space",)


def test_the_shard_of_a_subscriber_never_changes() -> None:
    assert [shard_of(name, 16) for name in ("s1", "demo-0001", "91310000X")] == [0, 14, 1]
    assert {shard_of(f"s{n}", 16) for n in range(1000)} == set(range(16))


@pytest.mark.parametrize(
    ("channel", "written", "normal"),
    [
        ("email", " B.c@Example.CN ", "B.c@example.cn"),
        ("email", "a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("sms", "138 0013 8000", "+8613800138000"),
        ("sms", "+86-13800138000", "+8613800138000"),
        ("webhook", "https://example.com/hook?a=1", "https://example.com/hook?a=1"),
    ],
)
def test_an_address_has_one_spelling(channel: str, written: str, normal: str) -> None:
    assert normalise(channel, written) == normal
    assert normalise(channel, normal) == normal


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("sms", "021-64321234"),
        ("sms", "12345"),
        ("sms", "+14155550100"),
        ("webhook", "ftp://example.com"),
        ("webhook", "https://user:pw@example.com/"),
        ("fax", "1"),
        ("space", "space"),
    ],
)
def test_what_is_no_address_is_refused(channel: str, address: str) -> None:
    with pytest.raises(AddressError):
        normalise(channel, address)
    assert "contacts.0" in why(contacts=[{"channel": channel, "address": address}])


def test_mail_is_looked_up_without_regard_to_case() -> None:
    assert index_form("email", "Firm@Example.com") == index_form("email", "firm@example.com")


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("email", "firm@example.com", "f***@example.com"),
        ("sms", "+8613800138000", "138****8000"),
        ("webhook", "https://example.com/secret?key=1", "https://example.com/***"),
    ],
)
def test_a_mask_hides_most_of_an_address(channel: str, address: str, shown: str) -> None:
    assert mask(channel, address) == shown


def test_no_address_shows_when_a_subscriber_is_printed_or_refused() -> None:
    assert "firm@" not in repr(put(contacts=[{"channel": "email", "address": "firm@example.com"}]))
    assert "13800138" not in why(contacts=[{"channel": "email", "address": "13800138000"}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profile": {"region": "310199"}}, "profile.region: unknown code region:310199, did you mean"),
        ({"profile": {"region": "上海市"}}, "did you mean 310000 (上海市)?"),
        ({"profile": {"industries": ["I65", "65"]}}, "profile.industries.1: unknown code industry:65"),
        ({"profile": {"staff": -1}}, "profile.staff"),
        ({"kind": "firm"}, "kind: unknown code subject:firm"),
        ({"credit_code": "91310115DEM0000143"}, "credit_code: not a unified social credit code"),
        ({"colour": "red"}, "colour: unknown field, remove it or correct its name"),
        (
            {"preferences": {"quiet_hours": {"from": "22:00", "to": "22:00"}}},
            "begin and end at the same time",
        ),
        ({"preferences": {"quiet_hours": {"from": "22:00+08:00", "to": "07:00"}}}, "without a zone"),
        ({"preferences": {"profile_channels": ["emial"]}}, "unknown channel, use one of space"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(changes: dict[str, Any], message: str) -> None:
    assert message in why(**changes)


def test_consent_needs_a_basis_a_zoned_time_and_evidence() -> None:
    contact = {"channel": "email", "address": "a@example.com"}
    told = why(contacts=[contact | {"consent": {"basis": " ", "at": "2026-01-01T00:00:00"}}])
    for field in ("basis", "at", "evidence"):
        assert f"contacts.0.consent.{field}" in told


def test_quiet_hours_read_and_write_as_from_and_to() -> None:
    preferences = put(preferences={"quiet_hours": {"from": "22:00", "to": "07:00"}}).preferences
    assert preferences.quiet_hours is not None
    assert preferences.quiet_hours.start == time(22)
    stored = preferences.model_dump(mode="json", by_alias=True)
    assert type(preferences).model_validate(stored) == preferences


def test_a_subscription_goes_to_the_space_unless_it_says_otherwise() -> None:
    given = {"name": "软件", "criteria": {"keywords": ["首版次"]}}
    assert SubscriptionIn.model_validate(given).channels == ("space",)
    with pytest.raises(ValidationError):
        SubscriptionIn.model_validate(given | {"channels": []})
    with pytest.raises(ValidationError):
        SubscriptionIn.model_validate(given | {"id": "a b"})
