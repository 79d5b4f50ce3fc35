"""Signatures on events: HMAC-SHA256 over the raw record value, carried in headers."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

KEY_ID_HEADER = "zhengda-key-id"
SIGNATURE_HEADER = "zhengda-signature"
REPLAY_HEADER = "zhengda-replay-of"  # topic/partition/offset of what is replayed, and our signature
API_PREFIX = "api:"  # the API signs for an actor it has authenticated, with a secret derived for that actor

Headers = Mapping[str, bytes]


def sign(secret: bytes, raw: bytes) -> str:
    """Return the lower-case hex signature of ``raw``."""
    return hmac.new(secret, raw, hashlib.sha256).hexdigest()


def signature_headers(key_id: str, secret: bytes, raw: bytes) -> dict[str, bytes]:
    """Return the two headers that make ``raw`` credible."""
    return {KEY_ID_HEADER: key_id.encode(), SIGNATURE_HEADER: sign(secret, raw).encode()}


def verify(secret: bytes, raw: bytes, signature: str) -> bool:
    """Whether ``signature`` is ours for ``raw``; takes the same time for every wrong one."""
    return hmac.compare_digest(sign(secret, raw).encode(), signature.strip().lower().encode())


def read_headers(headers: Headers | Sequence[tuple[str, bytes | None]] | None) -> dict[str, str]:
    """Return headers as text, whichever shape the transport gave them; what no record could keep is left out."""
    pairs = headers.items() if isinstance(headers, Mapping) else (headers or ())
    out: dict[str, str] = {}
    for name, value in pairs:
        try:
            text = (value or b"\0").decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in name + text:
            out[name] = text
    return out
