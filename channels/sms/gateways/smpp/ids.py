"""The same message under two names: carriers write its id in hexadecimal here and in decimal there, or pad it; pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from channels.sms.gateways.smpp.place import Ids

Spelling = Literal["same", "hex-dec", "dec-hex"]
SPELLINGS: tuple[Spelling, ...] = ("same", "hex-dec", "dec-hex")
HEXADECIMAL = re.compile(r"[0-9a-f]+", re.IGNORECASE)
SURE = 3  # messages that agreed
MOST_KEPT = 20_000


class Names:
    """Turns the ids of reports into those of answers.

    Where the URL does not say how they differ, the first messages show it: an id that was just given to a number comes
    back for that number in one spelling only.
    """

    def __init__(self, ids: Ids) -> None:
        self.spelling: Spelling | None = None if ids == "auto" else ids
        self._agreed: dict[Spelling, int] = dict.fromkeys(SPELLINGS, 0)
        self._given: dict[str, str] = {}

    def took(self, message_id: str, number: str) -> None:
        """Note that a message to ``number`` got this id, in the form of `plain`."""
        if self.spelling is None:
            self._given[message_id] = number
            if len(self._given) > MOST_KEPT:
                del self._given[next(iter(self._given))]

    def meant(self, ids: Sequence[str], numbers: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """Return the id in an answer that a report means, and True; or all that it may mean, and False.

        Args:
            ids: as the report says them, the surest first; at least one.
            numbers: whom it may be about.
        """
        if self.spelling is not None:
            return (_spelt(ids[0], self.spelling) or plain(ids[0]),), True
        if not numbers:
            return (plain(ids[0]),), True  # nothing will ever tell
        for reported in ids:
            ways = dict(_ways(reported))
            found = [spelling for spelling, one in ways.items() if self._given.get(one) in numbers]
            if found:
                if reported == ids[0] and len(found) == 1 and len(set(ways.values())) == len(ways):
                    self._learn(found[0])
                return (ways[found[0]],), True
        return tuple(dict.fromkeys(one for reported in ids for _, one in _ways(reported))), False

    def _learn(self, spelling: Spelling) -> None:
        self._agreed[spelling] += 1
        if self._agreed[spelling] >= SURE:
            self.spelling = spelling
            self._given.clear()


def plain(message_id: str) -> str:
    """Return an id without what says nothing: blanks, the case of hexadecimal digits, zeros in front of them."""
    message_id = message_id.strip()
    if HEXADECIMAL.fullmatch(message_id):
        return message_id.lower().lstrip("0") or "0"
    return message_id


def _ways(reported: str) -> Iterator[tuple[Spelling, str]]:
    for spelling in SPELLINGS:
        spelt = _spelt(reported, spelling)
        if spelt is not None:
            yield spelling, spelt


def _spelt(reported: str, spelling: Spelling) -> str | None:
    """Return the id of the answer for one that was reported; None where it cannot be written so."""
    one = plain(reported)
    if spelling == "hex-dec":
        return f"{int(one):x}" if one.isascii() and one.isdecimal() else None
    if spelling == "dec-hex":
        return str(int(one, 16)) if HEXADECIMAL.fullmatch(one) else None
    return one
