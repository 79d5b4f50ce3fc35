"""Messages as texts: built, counted, or refused for good."""

from channels.errors import ContentError, PermanentError
from channels.message import Occasion
from channels.sms.gateways import SCHEMES
from channels.sms.texts import MOST_PARTS, text_of
from config.sms_urls import SMS_SCHEMES
from tests.servers.messages import content, message

NUMBER = "+8613800138000"


def test_a_text_is_signed_counted_and_wants_its_report() -> None:
    built = text_of(message(1, address=NUMBER), "云山政策", as_values=False)
    assert not isinstance(built, Exception)
    text, length = built
    assert text.text.startswith("【云山政策】")
    assert (text.number, text.wants_report, text.template) == (NUMBER, True, None)
    assert length.parts == length.billed >= 1


def test_a_code_wants_no_report_and_is_a_value_where_a_gateway_wants_values() -> None:
    notice = message(1, address=NUMBER, content=content(occasion=Occasion.SIGN_IN), secret="123456")
    built = text_of(notice, "政达", as_values=True)
    assert not isinstance(built, Exception)
    text, _ = built
    assert not text.wants_report
    assert text.template is not None
    assert (text.template.name, text.template.values["code"]) == ("sign_in", "123456")


def test_no_text_shows_its_number_or_its_words() -> None:
    built = text_of(message(1, address=NUMBER), "政达", as_values=True)
    assert not isinstance(built, Exception)
    assert "138000" not in repr(built[0])
    assert "关于" not in repr(built[0])


def test_what_is_no_number_is_dead_and_what_is_too_long_stops_the_campaign() -> None:
    dead = text_of(message(1, address="13800138000 x"), "政达", as_values=False)
    assert isinstance(dead, PermanentError)
    assert dead.dead
    endless = message(1, address=NUMBER, content=content(url="https://h.example.cn/" + "a" * 67 * MOST_PARTS))
    assert isinstance(text_of(endless, "政达", as_values=False), ContentError)


def test_the_settings_know_every_scheme_that_a_gateway_is_built_for() -> None:
    assert {scheme: one.module for scheme, one in SCHEMES.items()} == SMS_SCHEMES
