"""The sentence around a mention, short enough to be shown as the reason of a push."""

_STOPS = "。；！？\n\r;!?"
_LEFT, _RIGHT = 40, 60


def sentence_around(body: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the sentence that holds body[start:end], at most 40 characters before and 60 after it."""
    left = max(0, start - _LEFT)
    right = min(len(body), end + _RIGHT)
    cut = max(body.rfind(stop, left, start) for stop in _STOPS)
    left = cut + 1 if cut >= 0 else left
    cuts = [cut for stop in _STOPS if (cut := body.find(stop, end, right)) >= 0]
    right = min(cuts, default=right)
    while left < start and body[left].isspace():
        left += 1
    while right > end and body[right - 1].isspace():
        right -= 1
    return left, right
