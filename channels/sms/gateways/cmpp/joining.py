"""The pieces of long replies, put together; without I/O and without a clock.

A piece that came is kept here and nowhere else: its DELIVER is not acknowledged before the whole is durable. Gateways
that wait for an answer get a refusal meanwhile and bring the piece again, which is then recognised.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from channels.sms.gateways.cmpp.contents import Piece

MOST = 1000  # long replies that are looked back upon; as many again may wait for their pieces
WAIT_S = 300.0  # after so long what is there is all that will come
REMEMBERED_S = 3600.0  # how late a piece may come again


class Key(NamedTuple):
    """What the pieces of one text share; ``number`` is E.164."""

    number: str
    to: str
    msg_fmt: int
    reference: int
    total: int


@dataclass
class _Long:
    began: float
    pieces: dict[int, bytes] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces[number] for number in sorted(self.pieces))


class Joining:
    """Long replies that are not whole yet, and those that were handed over lately; both in the order they began."""

    def __init__(self) -> None:
        self._open: OrderedDict[Key, _Long] = OrderedDict()
        self._done: OrderedDict[Key, _Long] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many texts are not handed over."""
        return len(self._open)

    def take(self, key: Key, piece: Piece, now: float) -> None:
        """Keep a piece. One with other words than the same piece before begins a new text: references come round."""
        done = self._done.get(key)
        if done is not None and done.pieces.get(piece.number, b"") == piece.content:
            return
        self._done.pop(key, None)
        known = self._open.setdefault(key, _Long(now))
        known.pieces[piece.number] = piece.content

    def handed_over(self, key: Key) -> bool:
        """Whether that text is durable already: its pieces may be acknowledged."""
        return key in self._done

    def whole(self, key: Key) -> bytes | None:
        """Return the content of that text when all of its pieces are here."""
        known = self._open[key]
        return known.content if len(known.pieces) == key.total else None

    def done(self, key: Key) -> None:
        """Note that the text is durable."""
        self._done[key] = self._open.pop(key)

    def overdue(self, now: float) -> list[tuple[Key, bytes]]:
        """Return texts whose other pieces will not come; forget what is too old, or too much, to be remembered."""
        while self._done:
            key, oldest = next(iter(self._done.items()))
            if now - oldest.began < REMEMBERED_S and len(self._done) <= MOST:
                break
            del self._done[key]
        too_many = len(self._open) - MOST
        return [
            (key, one.content)
            for place, (key, one) in enumerate(self._open.items())
            if now - one.began >= WAIT_S or place < too_many
        ]
