from datetime import date

import pytest
from stdnum.cn import uscc

from service.demo import demo_associations, demo_policies, demo_subscribers
from streams.events.policy_data import PolicyData

TODAY = date(2026, 3, 2)


def test_twelve_policies_are_valid_policy_data_of_many_kinds() -> None:
    policies = [PolicyData.model_validate(policy) for policy in demo_policies(TODAY)]
    assert len({policy.policy_id for policy in policies}) == 12
    assert {policy.kind for policy in policies} >= {
        "call",
        "measure",
        "notice",
        "interpretation",
        "consultation",
    }
    assert all(300 <= len(policy.body) <= 900 for policy in policies)
    assert [policy.policy_id for policy in policies if policy.audience_scope] == ["demo-park-targeted"]


@pytest.mark.parametrize("today", [TODAY, date(2024, 2, 29), date(2027, 12, 31)])
def test_windows_are_open_or_open_soon_whatever_day_it_is(today: date) -> None:
    for policy in demo_policies(today):
        read = PolicyData.model_validate(policy)
        assert read.publish_date <= today
        assert "{" not in str(policy["title"]) + str(policy["body"])
        if read.apply_window and read.apply_window.closes:
            assert read.apply_window.closes > today
            closes = read.apply_window.closes
            assert f"{closes.year}年{closes.month}月{closes.day}日" in read.body


def test_enterprises_are_the_same_every_time_and_all_different() -> None:
    first = demo_subscribers()
    assert first == demo_subscribers()
    assert len(first) == 2000
    assert len({one.subscriber_id for one in first}) == 2000
    assert len({one.subscriber.name for one in first}) == 2000
    codes = {one.subscriber.credit_code for one in first}
    assert len(codes) == 2000
    assert all(code and uscc.is_valid(code) for code in codes)


def test_enterprises_differ_in_what_the_demo_has_to_show() -> None:
    people = demo_subscribers()
    mail = [one.subscriber.contacts[0] for one in people]
    assert 1100 <= sum(bool(one.subscriptions) for one in people) <= 1300
    assert 100 <= sum(contact.consent is None for contact in mail) <= 220
    assert 100 <= sum(one.subscriber.preferences.quiet_hours is not None for one in people) <= 300
    assert 80 <= sum(not one.subscriber.profile_matching for one in people) <= 220


def test_nothing_is_ever_pushed_to_a_real_address() -> None:
    for one in demo_subscribers():
        for contact in one.subscriber.contacts:
            reserved = contact.address.rpartition("@")[2] in ("example.com", "example.org", "example.net")
            assert reserved or contact.consent is None


def test_associations_have_members_that_exist() -> None:
    known = {one.subscriber_id for one in demo_subscribers()}
    associations = demo_associations()
    assert len({one.association_id for one in associations}) == 3
    for association in associations:
        assert len(association.members) >= 50
        assert {member.subscriber_id for member in association.members} <= known
    scope = next(p for p in demo_policies(TODAY) if "audience_scope" in p)["audience_scope"]
    assert set(scope["associations"]) <= {one.association_id for one in associations}
    assert set(scope["subscribers"]) <= known
