"""Signatures over the raw value, and headers in whichever shape the transport gives them."""

import hashlib
import hmac

import pytest

from streams.events.signing import (
    KEY_ID_HEADER,
    SIGNATURE_HEADER,
    read_headers,
    sign,
    signature_headers,
    verify,
)

SECRET, RAW = b"secret", '{"title": "措施"}'.encode()


def test_a_signature_is_hmac_sha256_of_the_raw_value_in_hex() -> None:
    assert sign(SECRET, RAW) == hmac.new(SECRET, RAW, hashlib.sha256).hexdigest()


def test_what_was_signed_is_verified_whatever_the_case_of_its_digits_and_blanks_around_it() -> None:
    signature = sign(SECRET, RAW)
    assert verify(SECRET, RAW, signature)
    assert verify(SECRET, RAW, f" {signature.upper()}\n")


@pytest.mark.parametrize(
    "signature", ["", "0" * 64, "签名", "é" * 64, sign(SECRET, RAW)[:-1], sign(SECRET, RAW) + "0"]
)
def test_a_wrong_signature_is_wrong(signature: str) -> None:
    assert not verify(SECRET, RAW, signature)


def test_a_changed_value_or_another_secret_does_not_fit() -> None:
    signature = sign(SECRET, RAW)
    assert not verify(SECRET, RAW + b" ", signature)
    assert not verify(b"Secret", RAW, signature)


def test_headers_are_read_from_pairs_from_a_mapping_and_from_nothing() -> None:
    headers = signature_headers("k1", SECRET, RAW)
    wanted = {KEY_ID_HEADER: "k1", SIGNATURE_HEADER: sign(SECRET, RAW)}
    assert read_headers(headers) == wanted
    assert read_headers(list(headers.items())) == wanted
    assert read_headers(None) == {}


def test_a_header_that_is_no_text_is_left_out_and_the_others_stay() -> None:
    assert read_headers([("a", b"\xff"), ("b", b"fine")]) == {"b": "fine"}


def test_a_header_with_a_nul_is_left_out_because_no_record_could_keep_it() -> None:
    assert read_headers([("a", b"x\0y"), ("n\0", b"x"), ("b", b"fine")]) == {"b": "fine"}


def test_a_header_without_a_value_is_left_out() -> None:
    assert read_headers([("a", None), ("b", b"fine")]) == {"b": "fine"}
