"""Signatures, verified by a library that was not written here."""

from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from channels.email.dkim import DkimKeyError, Signer, is_relaxed, load_signer, pem, relaxed
from channels.email.mime import mail
from channels.message import Occasion
from tests.servers.messages import content, message
from tests.support.mails import message_for

SENDER = "政达政策推送 <push@policy.example.gov.cn>"


@pytest.fixture(scope="module")
def signer() -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Signer(key, "example.gov.cn", "y2026")


def verified(whole: bytes, signer: Signer) -> bool:
    name, text = signer.record()

    def txt(asked: bytes, timeout: int = 5) -> bytes:
        assert asked.decode("ascii") == f"{name}."
        return text.encode("ascii")

    return bool(dkim.verify(whole, dnsfunc=txt))


@pytest.mark.parametrize("occasion", list(Occasion))
def test_every_mail_is_signed_so_that_others_verify_it(occasion: Occasion, signer: Signer) -> None:
    whole = mail(message_for(occasion), "user1@example.cn", SENDER, signer)
    assert verified(whole, signer)
    assert max(map(len, whole.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("title", ["Notice  of   two blanks", "长" * 90, " \t x", "a\tb"])
def test_whatever_the_headers_hold_the_signature_holds(title: str, signer: Signer) -> None:
    whole = message(content=content(title=title), recipient=f"{title} 公司")
    assert verified(mail(whole, "user1@example.cn", SENDER, signer), signer)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"From: ", b"From: x"),
        (b"Subject: =?utf-8?b?5", b"Subject: =?utf-8?b?6"),
        (b"To: ", b"To: x"),
        (b"Date: ", b"Date: x"),
        (b"Message-ID: <0", b"Message-ID: <1"),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.1"),
        (b"List-Id: ", b"List-Id: x"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
        (b"=One-Click", b"=No-Click"),
        (b"auto-generated", b"no"),
        (b"multipart/mixed", b"multipart/parallel"),
        (b"DKIM-Signature: ", b"From: somebody else <x@example.com>\r\nDKIM-Signature: "),
        (b"DKIM-Signature: ", b"Subject: win\r\nDKIM-Signature: "),
        (b"\r\n\r\n--", b"\r\n\r\nmore\r\n--"),
    ],
)
def test_whatever_is_changed_on_the_way_is_noticed(there: bytes, instead: bytes, signer: Signer) -> None:
    whole = mail(message(), "user1@example.cn", SENDER, signer)
    assert there in whole
    assert not verified(whole.replace(there, instead, 1), signer)


@pytest.mark.parametrize("occasion", list(Occasion))
def test_a_body_needs_no_relaxing(occasion: Occasion) -> None:
    body = mail(message_for(occasion), "user1@example.cn", SENDER).partition(b"\r\n\r\n")[2]
    assert is_relaxed(body)


@pytest.mark.parametrize("body", [b"a \r\n", b"a  b\r\n", b"a\tb\r\n", b"a\r\n\r\n", b"a"])
def test_a_body_that_needs_relaxing_is_recognised(body: bytes) -> None:
    assert not is_relaxed(body)


def test_headers_are_relaxed_as_the_rfc_shows() -> None:
    # RFC 6376, 3.4.5
    assert relaxed([("A", " X"), ("B ".strip(), " Y\t\r\n\tZ  ")]) == b"a:X\r\nb:Y Z\r\n"


def test_a_key_is_read_back_from_its_file(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "key").write_bytes(pem(signer.key))
    again = load_signer(tmp_path / "key", "example.gov.cn", "y2026")
    assert again.record() == signer.record()
    assert again.record()[0] == "y2026._domainkey.example.gov.cn"


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (b"", "no private key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no private key"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), ""),
        (
            ec.generate_private_key(ec.SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
            ),
            "password",
        ),
    ],
)
def test_what_is_no_key_is_refused_with_a_reason(tmp_path: Path, bad: bytes, complaint: str) -> None:
    (tmp_path / "key").write_bytes(bad)
    if not complaint:
        assert load_signer(tmp_path / "key", "x.cn", "s").algorithm == "rsa-sha256"
        return
    with pytest.raises(DkimKeyError, match=complaint):
        load_signer(tmp_path / "key", "x.cn", "s")


def test_a_key_of_another_kind_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    from cryptography.hazmat.primitives.serialization import NoEncryption

    (tmp_path / "key").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(DkimKeyError, match="neither RSA nor Ed25519"):
        load_signer(tmp_path / "key", "x.cn", "s")
    with pytest.raises(DkimKeyError, match="cannot be read"):
        load_signer(tmp_path / "missing", "x.cn", "s")


def test_ed25519_signs_briefly() -> None:
    signer = Signer(ed25519.Ed25519PrivateKey.generate(), "example.gov.cn", "e2026")
    whole = mail(message(), "user1@example.cn", SENDER, signer)
    assert b"a=ed25519-sha256" in whole
    assert len(signer.record()[1]) < 80
