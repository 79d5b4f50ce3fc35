"""Long texts that people write come in parts, in any order, and some parts never come; pure."""

from dataclasses import dataclass, field

from channels.sms.gateways.smpp.alphabets import decoded
from channels.sms.gateways.smpp.delivered import Piece
from channels.sms.gateways.smpp.place import Charset

PATIENCE_S = 180.0  # for a part that is missing
MOST_KEPT = 1000  # texts that wait: beyond, the oldest goes as it is

Key = tuple[str, int, int]


@dataclass
class _Begun:
    since: float
    coding: int
    pieces: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A text as far as it came; whoever kept it says so with `Joining.forget`."""

    key: Key | None
    number: str = field(repr=False)
    text: str = field(repr=False)


class Joining:
    """Keeps parts until the others are there. What is kept here is in memory only."""

    def __init__(self, charset: Charset = "gsm7", patience_s: float = PATIENCE_S) -> None:
        self.charset = charset
        self.patience_s = patience_s
        self._begun: dict[Key, _Begun] = {}

    def add(self, piece: Piece, now: float) -> Written | None:
        """Return the whole text when ``piece`` completes it.

        It stays here until it is forgotten: a text that could not be kept elsewhere is completed again by the
        repetition of its last part.
        """
        if piece.total == 1:
            return Written(None, piece.number, decoded(piece.data, piece.coding, self.charset))
        key = piece.number, piece.reference, piece.total
        begun = self._begun.setdefault(key, _Begun(now, piece.coding))
        begun.pieces[piece.index] = piece.data
        return self._written(key) if len(begun.pieces) == piece.total else None

    def overdue(self, now: float) -> list[Written]:
        """Return the texts whose missing parts will not come any more."""
        too_many = len(self._begun) - MOST_KEPT
        return [
            self._written(key)
            for place, (key, begun) in enumerate(self._begun.items())
            if now - begun.since >= self.patience_s or place < too_many
        ]

    def rest(self) -> list[Written]:
        """Return every text that waits."""
        return [self._written(key) for key in self._begun]

    def forget(self, written: Written) -> None:
        """Drop a text that is kept elsewhere now."""
        if written.key is not None:
            self._begun.pop(written.key, None)

    def _written(self, key: Key) -> Written:
        begun = self._begun[key]
        data = b"".join(begun.pieces[index] for index in sorted(begun.pieces))
        return Written(key, key[0], decoded(data, begun.coding, self.charset))
