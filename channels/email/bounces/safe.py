"""Words of strangers as the record takes them: short, on one line, without addresses and without the users of them."""

import re
from collections.abc import Iterable

from channels.mask import mask_contacts

DETAIL_CHARS = 300
LOCAL_CHARS = 3  # a shorter local part would spoil other words


def local_parts(addresses: Iterable[str]) -> list[str]:
    """Return what stands before the @: replies name users without their domain."""
    names = (address.rpartition("@")[0].rpartition("<")[2].strip() for address in addresses)
    return [name for name in names if len(name) >= LOCAL_CHARS]


def safe(text: str, names: Iterable[str] = ()) -> str:
    """Return ``text`` without addresses, mobile numbers and the users ``names``, at most 300 characters of it."""
    shown = mask_contacts(" ".join(text[: DETAIL_CHARS * 4].split()))
    for name in names:
        shown = re.sub(re.escape(name), "***", shown, flags=re.IGNORECASE)
    return shown.replace("\0", "").encode("utf-8", "replace").decode()[:DETAIL_CHARS]
