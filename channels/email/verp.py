"""Return paths that say which delivery bounced, whatever the bounce says (variable envelope return paths). Pure.

``b-<delivery>-<signature>@domain``: the delivery's 128 bits and 64 bits of an HMAC-SHA256 over them, in hexadecimal,
for the far side may change the case of a local part. They are 51 of the 64 characters that RFC 5321 (4.5.3.1.1) allows.
Who does not have the key cannot make one, so that nobody has others suppressed by bounces of their own making.
"""

import hashlib
import hmac
import re
from uuid import UUID

PURPOSE = "mail-bounces"  # what the installation's key for this is derived for
SIGNATURE_BYTES = 8
LOCAL_PART = re.compile(r"b-([0-9a-f]{32})-([0-9a-f]{16})")


def return_path(delivery_id: str, domain: str, key: bytes) -> str:
    """Return the envelope's sender for a delivery.

    Args:
        delivery_id: a UUID.
        domain: whose mail comes to this service's receiver of bounces.
        key: of this installation, for `PURPOSE`.

    Raises:
        ValueError: ``delivery_id`` is no UUID.
    """
    raw = UUID(delivery_id).bytes
    return f"b-{raw.hex()}-{_signature(raw, key).hex()}@{domain}"


def delivery_of(address: str, key: bytes) -> str | None:
    """Return the delivery that ``address`` (in whatever case, with or without <>) stands for.

    None where it is no return path, or not one of this installation's. Its domain is not looked at: the receiver has
    decided what it takes.
    """
    local = address.strip().strip("<>").rpartition("@")[0].lower()
    found = LOCAL_PART.fullmatch(local)
    if found is None:
        return None
    raw, signature = (bytes.fromhex(text) for text in found.groups())
    if not hmac.compare_digest(signature, _signature(raw, key)):
        return None
    return str(UUID(bytes=raw))


def _signature(raw: bytes, key: bytes) -> bytes:
    return hmac.digest(key, raw, hashlib.sha256)[:SIGNATURE_BYTES]
