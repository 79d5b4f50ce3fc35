"""DKIM signatures (RFC 6376, relaxed/relaxed; RSA-SHA256, or Ed25519 by RFC 8463) over mails that we built ourselves.

What is signed is ours byte for byte: no line of a body has a blank at its end or two in a row, and none is empty at its
end, so that the relaxed form of a body is the body itself (`is_relaxed` tells; tests ask it of every occasion). Of the
headers a skeleton hands over the relaxed form of those that never change once.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

LEAST_RSA_BITS = 1024  # what verifiers must still take (RFC 8301, 3.2); ours are made with 2048
LINE = 72
FOLD = re.compile(r"\r\n(?=[ \t])")
BLANKS = re.compile(r"[ \t]+")
UNRELAXED = re.compile(rb"[ \t]\r\n|[ \t]{2}|\t|\r\n\r\n\Z|[^\n]\Z")
TWICE = ("from", "to", "subject", "date")  # listed once more than they occur, so that nobody can add one


class DkimKeyError(Exception):
    """ZHENGDA_DKIM_KEY is no key to sign with; the message says what is wrong.

    It has to name a file with one private key in PEM, RSA of 1024 bits or more or Ed25519, without a password.
    ``zhengda dkim FILE`` makes one.
    """


@dataclass(frozen=True)
class Fixed:
    """Headers that a skeleton never changes, in relaxed form, and their names."""

    names: tuple[str, ...]
    relaxed: bytes


class Signer:
    """Signs for one domain with one key."""

    def __init__(self, key: PrivateKey, domain: str, selector: str) -> None:
        """Nothing is asked of the DNS: that the record is there (`record`) is the operator's affair.

        Args:
            key: the private key.
            domain: who signs (``d=``); recipients trust it where it is the domain of the sender's address.
            selector: where the public key stands, ``selector._domainkey.domain``.
        """
        self.key = key
        self.algorithm = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"
        self.domain = domain
        self.selector = selector

    def header(self, own: Sequence[tuple[str, str]], fixed: Fixed, body: bytes) -> bytes:
        """Return the whole field ``DKIM-Signature: …`` with its CRLF, to stand above all that it signs.

        Args:
            own: names and values of the headers that are this mail's alone, each once.
            fixed: those of its skeleton.
            body: the body as it goes over the wire, in relaxed form.
        """
        names = [name.lower() for name, _ in own] + list(fixed.names)
        listed = ":".join([*names, *(name for name in TWICE if name in names)])
        tags = (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};",
            f"h={listed};",
            f"bh={b64encode(sha256(body).digest()).decode('ascii')};",
            "b=",
        )
        signed = relaxed(own) + fixed.relaxed + f"dkim-signature:{' '.join(tags)}".encode("ascii")
        value = b64encode(self._signature(signed)).decode("ascii")
        folded = "\r\n ".join(value[i : i + LINE] for i in range(0, len(value), LINE))
        return ("DKIM-Signature: " + "\r\n ".join(tags) + folded + "\r\n").encode("ascii")

    def record(self) -> tuple[str, str]:
        """Return name and text of the TXT record that lets recipients verify what this key signs."""
        if isinstance(self.key, RSAPrivateKey):
            kind = "rsa"
            public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind = "ed25519"
            public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        text = f"v=DKIM1; k={kind}; p={b64encode(public).decode('ascii')}"
        return f"{self.selector}._domainkey.{self.domain}", text

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(signed, PKCS1v15(), SHA256())
        # RFC 8463, 3: what Ed25519 signs is the hash.
        return self.key.sign(sha256(signed).digest())


def fixed_headers(headers: Iterable[tuple[str, str]]) -> Fixed:
    """Return ``headers`` ready to be signed again and again."""
    pairs = list(headers)
    return Fixed(tuple(name.lower() for name, _ in pairs), relaxed(pairs))


def relaxed(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return header fields in relaxed form (RFC 6376, 3.4.2); names and values as they go over the wire, ASCII."""
    lines = [
        f"{name.lower()}:{BLANKS.sub(' ', FOLD.sub('', value)).strip(' ')}\r\n" for name, value in headers
    ]
    return "".join(lines).encode("ascii")


def is_relaxed(body: bytes) -> bool:
    """Whether the relaxed form of ``body`` (RFC 6376, 3.4.4) is ``body`` itself."""
    return UNRELAXED.search(body) is None


def load_signer(file: Path, domain: str, selector: str) -> Signer:
    """Return the signer with the key in ``file``.

    Raises:
        DkimKeyError: the file cannot be read, or there is no key in it that can sign.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except OSError as exc:
        raise DkimKeyError(f"{file} cannot be read: {exc.strerror}") from exc
    except TypeError as exc:
        raise DkimKeyError(f"the key in {file} has a password; take it off") from exc
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise DkimKeyError(f"{file} holds no private key in PEM; `zhengda dkim FILE` makes one") from exc
    if isinstance(key, RSAPrivateKey) and key.key_size < LEAST_RSA_BITS:
        raise DkimKeyError(f"the key in {file} has {key.key_size} bits; {LEAST_RSA_BITS} are the least")
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise DkimKeyError(f"the key in {file} is neither RSA nor Ed25519")
    return Signer(key, domain, selector)


def pem(key: PrivateKey) -> bytes:
    """Return ``key`` as `load_signer` reads it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
