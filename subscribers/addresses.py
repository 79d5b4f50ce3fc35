"""Addresses: one true spelling for each, and a mask for showing them.

Which channel takes which kind is said in ``config.channels``; a kind of its own is one line in ``OF_KIND``.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

import config.channels
from config.simulated import simulated_numbers
from subscribers.errors import AddressError

SPACE = "space"  # the enterprise space needs no address: its contact id is its own name
MAX_URL = 2000
# Most addresses are of the plainest kind, and for those the libraries' full parsers are ten times slower than needed.
SHORT_EMAIL = 64
_PLAIN_LABEL = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PLAIN_EMAIL = re.compile(rf"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*@(?:{_PLAIN_LABEL}\.)+[a-z]+")
_PLAIN_MOBILE = re.compile(r"1\d{10}", re.ASCII)
_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def normalise(channel: str, address: str) -> str:
    """Return the one spelling of ``address`` that is stored, looked up and sent to.

    E-mail in ASCII (IDN domains as punycode), mobile numbers in E.164, URLs as given.

    Raises:
        AddressError: the channel takes no address, or this is not one.
    """
    if channel not in NORMALISERS:
        raise AddressError(f"unknown channel {channel!r}, use one of {', '.join(NORMALISERS)}")
    return NORMALISERS[channel](address.strip())


def index_form(channel: str, address: str) -> str:
    """Return what the blind index is made of: the normalised address, e-mail without regard to case."""
    return folded(channel, normalise(channel, address))


def folded(channel: str, normal: str) -> str:
    """Return the index form of an address that is normalised already."""
    return normal.lower() if channel == "email" else normal


def mask(channel: str, address: str) -> str:
    """Return ``address`` with most of it hidden, for pages and messages."""
    if channel == "email":
        local, _, domain = address.rpartition("@")
        return f"{local[:1]}***@{domain}"
    if channel == "sms":
        national = address.removeprefix("+86")
        return f"{national[:3]}****{national[-4:]}"
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}/***"


def _email(address: str) -> str:
    if len(address) <= SHORT_EMAIL and _PLAIN_EMAIL.fullmatch(address) and not address.endswith(_special()):
        return address
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as exc:
        raise AddressError(f"not an e-mail address: {exc}") from exc
    return checked.ascii_email or checked.normalized


def _mobile(address: str) -> str:
    digits = address.removeprefix("+86").lstrip()
    if f"+86{digits}" in simulated_numbers():
        return f"+86{digits}"
    if _PLAIN_MOBILE.fullmatch(digits) and _mobile_of_china().fullmatch(digits):
        return f"+86{digits}"
    try:
        number = phonenumbers.parse(address, "CN")
    except phonenumbers.NumberParseException as exc:
        raise AddressError("not a telephone number") from exc
    if number.country_code != 86 or phonenumbers.number_type(number) not in _MOBILE:
        raise AddressError("not a mobile number of mainland China (11 digits, begins with 1)")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@cache
def _special() -> tuple[str, ...]:
    return tuple(f"{before}{name}" for name in SPECIAL_USE_DOMAIN_NAMES for before in ".@")


@cache
def _mobile_of_china() -> re.Pattern[str]:
    region: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN", None)
    return re.compile(region.mobile.national_number_pattern, re.ASCII)


def _url(address: str) -> str:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an IPv6 address without its end, a port that is none
        usable = False
    if not usable or len(address) > MAX_URL:
        raise AddressError(f"not a URL that begins with https:// or http:// (at most {MAX_URL} characters)")
    if parts.username or parts.password:
        raise AddressError("a webhook URL may not hold a user name or a password")
    return address


OF_KIND: dict[str, Callable[[str], str]] = {"email": _email, "mobile": _mobile, "url": _url}
NORMALISERS: dict[str, Callable[[str], str]] = {
    spec.name: OF_KIND[spec.address] for spec in config.channels.CHANNELS if spec.address
}
CHANNELS = (SPACE, *NORMALISERS)
PUSHED = config.channels.NAMES  # what a subscription may choose: an address alone is no way to send
