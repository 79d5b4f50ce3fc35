"""Contacts as they may be seen on disk, on a page or in a log line."""

import re

PHONE = re.compile(r"\+?(?:86[- ]?)?(\d{3})\d{4,}(\d{4})")
ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
MOBILE = re.compile(r"(?<!\d)((?:86)?1\d{2})\d{4}(\d{4})(?!\d)")


def mask_address(address: str) -> str:
    """Return ``address`` so that its owner recognises it and nobody else does.

    ``anna@example.cn`` becomes ``a***@e***.cn``, ``13812340000`` becomes ``138****0000``, anything else keeps its
    first character.
    """
    local, at, domain = address.rpartition("@")
    if at:
        host, dot, top = domain.rpartition(".")
        return f"{local[:1]}***@{(host if dot else top)[:1]}***{dot}{top if dot else ''}"
    phone = PHONE.fullmatch(address)
    if phone:
        return f"{phone[1]}****{phone[2]}"
    return f"{address[:1]}***"


def mask_contacts(text: str) -> str:
    """Return ``text`` with every e-mail address and mobile number in it masked; for words that came from outside."""
    text = ADDRESS.sub(lambda found: mask_address(found[0]), text)
    return MOBILE.sub(r"\1****\2", text)


def mask_link(url: str) -> str:
    """Return ``url`` without its last path segment and its query: whoever holds an unsubscribe token can use it."""
    head, slash, _token = re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/").rpartition("/")
    return f"{head}{slash}***"
