"""Ids that are made from names: RFC 4122 version 5, as text."""

from hashlib import sha1
from uuid import UUID

_VARIANT = "89ab89ab89ab89ab"  # by the digit that stands there, of which the two lower bits stay


def id_from(namespace: UUID, name: str) -> str:
    """Return ``str(uuid.uuid5(namespace, name))`` in a third of its time; an import makes three for each subscriber."""
    digits = sha1(namespace.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANT[int(digits[16], 16)]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
