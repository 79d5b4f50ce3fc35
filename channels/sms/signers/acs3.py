"""Aliyun's ACS3-HMAC-SHA256, as its OpenAPI gateway checks it; pure.

Source: Alibaba Cloud, "V3 request body and signature mechanism"; held against the official SDK's signer by the tests.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
CONTENT_HASH = "x-acs-content-sha256"


def encoded(pairs: Mapping[str, str]) -> str:
    """Return parameters as they are signed and sent: sorted by name, percent-encoded by RFC 3986."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(pairs.items()))


def hash_of(body: bytes) -> str:
    """Return what the header ``x-acs-content-sha256`` says about ``body``."""
    return hashlib.sha256(body).hexdigest()


def authorization(
    key_id: str,
    secret: str,
    *,
    method: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    path: str = "/",
) -> str:
    """Return the header ``Authorization``.

    Args:
        key_id: the AccessKey's public half.
        secret: its secret half.
        method: of HTTP, upper case.
        query: the parameters of the URL, not encoded.
        headers: every one of them is signed, so that none may be added on the way that is missing here; ``host`` and
            all ``x-acs-…`` have to be among them.
        body: exactly the bytes that are sent.
        path: of the URL.
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(lower))
    lines = "".join(f"{name}:{lower[name]}\n" for name in sorted(lower))
    request = "\n".join([method, path, encoded(query), lines, names, hash_of(body)])
    signed = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="~")
