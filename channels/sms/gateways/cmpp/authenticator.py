"""How SP and ISMG prove to each other that they know the shared secret; pure. The specification asks for MD5."""

import hashlib
from datetime import datetime

from channels.sms.gateways.cmpp.wire import fixed, write_result
from config.clock import SHANGHAI

USER_BYTES = 6  # Source_Addr


def timestamp(now: datetime) -> int:
    """Return a CONNECT's Timestamp: MMDDHHMMSS in the gateway's zone, as a number."""
    return int(f"{now.astimezone(SHANGHAI):%m%d%H%M%S}")


def source_proof(user: str, secret: str, at: int) -> bytes:
    """Return AuthenticatorSource for a CONNECT with Timestamp ``at``."""
    said = (
        fixed(user, USER_BYTES).ljust(USER_BYTES, b"\0") + bytes(9) + secret.encode() + f"{at:010}".encode()
    )
    return hashlib.md5(said, usedforsecurity=False).digest()


def gateway_proof(status: int, source: bytes, secret: str, version: int) -> bytes:
    """Return AuthenticatorISMG: what a gateway answers to ``source`` that knows the secret, too."""
    said = write_result(status, version) + source + secret.encode()
    return hashlib.md5(said, usedforsecurity=False).digest()
