"""Forms about a subscriber, read without a browser."""

from typing import Any

import pytest
from starlette.datastructures import FormData

from config.taxonomies import load_taxonomy
from service.pages.forms import FormWrong, read_address, read_join, read_preferences, read_who, read_wish
from service.pages.named_codes import full_name, named_region

TAXONOMY = load_taxonomy()
SOUND = {"name": "示范公司", "email": "a@firm.cn", "agreed": "yes"}


def form(**fields: str | list[str]) -> FormData:
    pairs = [
        (name, value)
        for name, given in fields.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    return FormData(pairs)


def wrong(read: Any, *args: Any) -> dict[str, str]:
    with pytest.raises(FormWrong) as caught:
        read(*args)
    return caught.value.errors


def test_the_shortest_sign_up_is_an_address_a_name_and_an_agreement() -> None:
    given = read_join(form(**SOUND), TAXONOMY)
    assert [(one.channel, one.address) for one in given.contacts] == [("email", "a@firm.cn")]
    assert given.subscriptions == ()
    assert given.profile_matching
    assert given.preferences.frequency == "instant"


def test_a_full_form_becomes_codes_and_yuan() -> None:
    given = read_join(
        form(
            **SOUND,
            mobile="138 1234 0000",
            credit_code="91110000600037341l",
            region="上海市松江区",
            sections=["I"],
            industries="软件开发，C39",
            revenue="1,200.5",
            staff="80",
            founded="2020-01-31",
            keywords="首版次、首台套",
            themes=["T07"],
            channels=["email", "sms"],
            frequency="daily",
            quiet_from="22:00",
            quiet_to="07:00",
            profile_channels=["email"],
            profile_matching="no",
        ),
        TAXONOMY,
    )
    assert {one.channel for one in given.contacts} == {"email", "sms"}
    assert given.profile.region == "310117"
    assert given.profile.industries == ("C39", "I", "I651")
    assert given.profile.revenue == 12_005_000
    assert given.subscriptions[0].criteria.keywords == ("首台套", "首版次")
    assert given.subscriptions[0].name == "首版次、首台套、工业、交通"
    assert given.preferences.profile_channels == ("email", "space")
    assert not given.profile_matching


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": ""}, "contacts"),
        ({"email": "nobody"}, "email"),
        ({"mobile": "12345"}, "mobile"),
        ({"agreed": ""}, "agreed"),
        ({"region": "朝阳区"}, "region"),
        ({"industries": "炼金"}, "industries"),
        ({"revenue": "很多"}, "revenue"),
        ({"revenue": "inf"}, "revenue"),
        ({"staff": "1.5"}, "staff"),
        ({"founded": "去年"}, "founded"),
        ({"quiet_from": "22:00"}, "quiet"),
        ({"frequency": "hourly"}, "form"),
        ({"keywords": "桃"}, "keywords"),
    ],
)
def test_what_is_wrong_stands_at_its_field_in_chinese(changes: dict[str, str], field: str) -> None:
    errors = wrong(read_join, form(**SOUND | changes), TAXONOMY)
    assert list(errors) == [field]
    assert errors[field].endswith("。")


def test_all_that_is_wrong_is_said_at_once() -> None:
    errors = wrong(read_join, form(email="x", region="哪里", revenue="很多"), TAXONOMY)
    assert set(errors) == {"email", "region", "revenue", "name", "agreed"}


def test_a_wish_without_a_condition_is_refused() -> None:
    assert list(wrong(read_wish, form(channels="email"), TAXONOMY)) == ["keywords"]


def test_a_wish_for_a_region_also_takes_what_holds_everywhere() -> None:
    plain = read_wish(form(wish_region="上海市", channels="email"), TAXONOMY).criteria.plain()
    assert plain == {"any": [{"all": [{"region": ["310000"], "or_unrestricted": True}]}]}


def test_an_address_is_told_apart_by_its_at_sign() -> None:
    assert read_address(form(address=" A@Firm.CN ")).channel == "email"
    assert read_address(form(address="13812340000")).address == "+8613812340000"
    assert list(wrong(read_address, form(address="x"))) == ["address"]


def test_names_and_choices_are_read_alone_too() -> None:
    assert read_who(form(name="甲", kind="social-org"), TAXONOMY).kind == "social-org"
    chosen, matching = read_preferences(form(frequency="weekly", profile_matching="yes"))
    assert (chosen.frequency, chosen.quiet_hours, matching) == ("weekly", None, True)


@pytest.mark.parametrize("written", ["松江区", "上海市松江区", "上海市 松江区", "310117"])
def test_a_region_is_found_by_name_with_and_without_what_lies_above(written: str) -> None:
    errors: dict[str, str] = {}
    assert (named_region(written, TAXONOMY, errors, "region"), errors) == ("310117", {})


def test_a_regions_full_name_leads_back_to_it() -> None:
    for code in list(TAXONOMY.codes["region"])[:400]:
        errors: dict[str, str] = {}
        assert named_region(full_name(TAXONOMY, code), TAXONOMY, errors, "region") == code, errors
