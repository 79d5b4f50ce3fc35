"""The short way for plain addresses says what the libraries' full parsers say."""

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.addresses import normalise
from subscribers.errors import AddressError

LOCAL = st.from_regex(r"[a-z0-9_.+-]{1,70}", fullmatch=True)
DOMAIN = st.one_of(
    st.sampled_from(
        [
            "example.com",
            "Example.COM",
            "163.com",
            "localhost",
            "a.test",
            "x.local",
            "政达.cn",
            "a..cn",
            "-a.cn",
        ]
    ),
    st.from_regex(r"[a-zA-Z0-9-]{1,20}\.(cn|com|c)", fullmatch=True),
    st.from_regex(r"([a-z0-9-]{1,9}\.){0,3}[a-z0-9]{1,70}", fullmatch=True),
    st.sampled_from(SPECIAL_USE_DOMAIN_NAMES).map(lambda name: f"a.{name}"),
)


def ours(channel: str, address: str) -> str | None:
    try:
        return normalise(channel, address)
    except AddressError:
        return None


@settings(max_examples=300, deadline=None)
@given(LOCAL, DOMAIN)
def test_an_e_mail_address_is_what_the_library_takes_it_for(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    try:
        whole = validate_email(address, check_deliverability=False, allow_smtputf8=False)
        theirs = whole.ascii_email or whole.normalized
    except EmailNotValidError:
        theirs = None
    assert ours("email", address) == theirs


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"(\+86 ?)?1[0-9]{9,11}", fullmatch=True))
def test_a_mobile_number_is_what_the_library_takes_it_for(text: str) -> None:
    assert ours("sms", text) == theirs(text)


def theirs(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return f"+86{number.national_number}" if phonenumbers.number_type(number) in kinds else None
