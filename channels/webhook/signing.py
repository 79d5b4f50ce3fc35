"""Signatures of Standard Webhooks (v1, HMAC-SHA256) and the secrets they are made with. Pure.

Source: the Standard Webhooks specification, https://github.com/standard-webhooks/standard-webhooks.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime

PREFIX = "whsec_"
Derive = Callable[[str], bytes]


def endpoint_id(derive: Derive, subscriber_id: str, url: str) -> str:
    """Return the id under which a subscriber's endpoint is kept; it does not show the URL."""
    named = f"{subscriber_id}\n{url}".encode()
    return hmac.digest(derive("webhook endpoints"), named, hashlib.sha256).hex()[:32]


def secret_of(derive: Derive, endpoint: str, generation: int) -> str:
    """Return ``whsec_…``, the secret of an endpoint; each generation has another, and none is stored anywhere."""
    return PREFIX + base64.b64encode(derive(f"webhook {endpoint} {generation}")).decode()


def signed_headers(
    webhook_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the three headers.

    Args:
        webhook_id: the same at every attempt, so that the far side can recognise a repetition.
        at: real time; far sides refuse what is more than five minutes off.
        body: exactly as it goes out.
        secrets: ``whsec_…``, the current one first; two of them while one takes the place of the other.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{webhook_id}.{seconds}.".encode() + body
    return [
        ("webhook-id", webhook_id),
        ("webhook-timestamp", seconds),
        ("webhook-signature", " ".join(_signature(secret, signed) for secret in secrets)),
    ]


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
