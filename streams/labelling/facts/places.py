"""Cheap looking: where a word stands, so that patterns are tried only around it."""

from collections.abc import Iterator

# No policy has as many places of one kind; a file of repeats must end.
_MOST = 2000


def places(text: str, word: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Where `word` stands in text[start:end], from the front, the first 2,000 places."""
    stop = len(text) if end is None else end
    at = text.find(word, start, stop)
    for _ in range(_MOST):
        if at < 0:
            return
        yield at
        at = text.find(word, at + len(word), stop)
