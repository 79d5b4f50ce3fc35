"""A long text in stretches, so that only what is found in one of them is held at a time."""

MOST = 200_000  # characters; what is found in so many takes some 30 MB
_STOPS = "\n。"


def windows(text: str) -> list[slice]:
    """Stretches of whole sentences that make up the text, in order; one for any real document.

    A sentence that is longer than a stretch is cut.
    """
    found = []
    start = 0
    while len(text) - start > MOST:
        stop = max(text.rfind(mark, start, start + MOST) for mark in _STOPS)
        end = stop + 1 if stop >= start else start + MOST
        found.append(slice(start, end))
        start = end
    return [*found, slice(start, len(text))]
