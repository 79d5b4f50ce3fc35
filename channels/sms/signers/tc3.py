"""Tencent Cloud's TC3-HMAC-SHA256 for requests with a JSON body; pure.

Source: Tencent Cloud, "API 3.0 signature v3"; held against the official SDK's signer by the tests.
"""

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json"
SIGNED_HEADERS = "content-type;host"


def authorization(
    secret_id: str, secret_key: str, *, service: str, host: str, body: bytes, timestamp: int
) -> str:
    """Return the header ``Authorization`` of a POST to ``/`` with ``Content-Type: application/json``.

    Args:
        secret_id: the key's public half.
        secret_key: its secret half.
        service: the product, ``sms``.
        host: as the header ``Host`` says it, with a port where there is one.
        body: exactly the bytes that are sent.
        timestamp: seconds since 1970, as the header ``X-TC-Timestamp`` says it; its day (UTC) is part of the key.
    """
    day = f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    headers = f"content-type:{CONTENT_TYPE}\nhost:{host}\n"
    request = "\n".join(["POST", "/", "", headers, SIGNED_HEADERS, hashlib.sha256(body).hexdigest()])
    signed = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    return (
        f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
    )
