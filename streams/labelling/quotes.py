"""The sentence around a mention, short enough to be shown as the reason of a push."""

_STOPS = "。；！？\n\r;!?"
_PAUSES = "，、：,: "
_LEFT, _RIGHT = 40, 60


def sentence_around(body: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the sentence that holds body[start:end], at most 40 characters before and 60 after it.

    A longer sentence is cut at a comma, so that the quote does not begin or end in the middle of a word.
    """
    left = max(0, start - _LEFT)
    right = min(len(body), end + _RIGHT)
    stop = max(body.rfind(mark, left, start) for mark in _STOPS)
    if stop < 0 and left:
        stop = min((at for mark in _PAUSES if (at := body.find(mark, left, start)) >= 0), default=-1)
    left = stop + 1 if stop >= 0 else left
    ends = [at for mark in _STOPS if (at := body.find(mark, end, right)) >= 0]
    if not ends and right < len(body):
        ends = [max(body.rfind(mark, end, right) for mark in _PAUSES)]
    right = min((at for at in ends if at >= 0), default=right)
    while left < start and body[left].isspace():
        left += 1
    while right > end and body[right - 1].isspace():
        right -= 1
    return left, right
