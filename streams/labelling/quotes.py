"""The sentence around a mention, short enough to be shown as the reason of a push."""

import re

_STOP = re.compile(r"[。；！？\n\r;!?]")
_PAUSE = re.compile("[，、：,: ]")
_LEFT, _RIGHT = 40, 60
_CLOSERS = {
    "（": "）",
    "(": ")",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "「": "」",
    "『": "』",
    "〔": "〕",
    "【": "】",
}
_OPENERS = {close: opener for opener, close in _CLOSERS.items()}
_BRACKET = re.compile(f"[{re.escape(''.join([*_CLOSERS, *_OPENERS]))}]")
_ROUND = "（("
_NEAR = 15  # so far beyond a quote's end its brackets may close, or a title that it breaks into may open before it
_REST = 8  # what is left of a clause behind a bracket says nothing if it is shorter than this
_NOTE_CHARS = 200
_NUMBER = re.compile(r"[（(][一二三四五六七八九十百\d]{1,3}[）)]")


def sentence_around(body: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the sentence that holds body[start:end], about 40 characters before and 60 after it.

    A longer sentence is cut at a comma, so that the quote does not begin or end in the middle of a word. A note in
    brackets between two sentences, （责任单位：…）, belongs to neither; a bracket of the quote is not left open.
    """
    left = _beginning(body, start)
    left, right = _outside_notes(body, left, start, end, _ending(body, end))
    right = _closed(body, left, end, right)
    while left < start and body[left].isspace():
        left += 1
    while right > end and body[right - 1].isspace():
        right -= 1
    return left, right


def _beginning(body: str, start: int) -> int:
    """Where the sentence begins, or the clause; not inside a bracket that closes before `start`."""
    left = max(0, start - _LEFT)
    if stops := _STOP.findall(body, left, start):
        left = body.rindex(stops[-1], left, start) + 1
    elif left and (pause := _PAUSE.search(body, left, start)):
        left = pause.end()
    for at in _unopened(body, left, start):
        opener = body.rfind(_OPENERS[body[at]], max(0, left - _NEAR), left)
        if body[at] not in "）)" and opener >= 0:
            return opener
        left = _clause_after(body, at, start)
    return left


def _clause_after(body: str, close: int, start: int) -> int:
    """Where to begin behind a bracket: at once, or at the next clause where little is left of one."""
    after = close + 1
    if after < start and (body[after].isspace() or body[close] not in "）)" or body[after].isdigit()):
        return after
    pause = _PAUSE.search(body, after, min(start, after + _REST))
    return pause.end() if pause else after


def _ending(body: str, end: int) -> int:
    """Where the sentence ends, or the last clause of it that is near enough."""
    right = min(len(body), end + _RIGHT)
    if stop := _STOP.search(body, end, right):
        return stop.start()
    pauses = _PAUSE.findall(body, end, right) if right < len(body) else []
    return body.rindex(pauses[-1], end, right) if pauses else right


def _outside_notes(body: str, left: int, start: int, end: int, right: int) -> tuple[int, int]:
    """Without the notes that stand in front of the sentence; of a mention inside such a note the note alone."""
    while True:
        at = left
        while at < start and body[at].isspace():
            at += 1
        if at >= start or body[at] not in _ROUND or _NUMBER.match(body, at):
            return left, right
        close = _close_of(body, at)
        if close < 0 or start <= close < end:
            return left, right
        if close >= end:
            return at, min(right, close + 1)
        left = close + 1


def _close_of(body: str, opener: int) -> int:
    """Where the round bracket closes that opens there, with those inside it; -1 if it is too far."""
    depth = 0
    for at in range(opener, min(len(body), opener + _NOTE_CHARS)):
        depth += (body[at] in _ROUND) - (body[at] in "）)")
        if depth == 0:
            return at
    return -1


def _closed(body: str, left: int, end: int, right: int) -> int:
    """The end moved behind the brackets that close soon after it, else in front of one that does not."""
    unclosed: list[int] = []
    for bracket in _BRACKET.finditer(body, left, right):
        if bracket[0] in _CLOSERS:
            unclosed.append(bracket.start())
        elif unclosed and bracket[0] == _CLOSERS[body[unclosed[-1]]]:
            unclosed.pop()
    for opener in reversed(unclosed):
        near = body[right : right + _NEAR].split("\n", 1)[0]
        close = near.find(_CLOSERS[body[opener]])
        if close >= 0:
            right += close + 1
        elif opener >= end and body[opener] in _ROUND:
            right = opener
    return right


def _unopened(body: str, left: int, start: int) -> list[int]:
    """Where brackets close in body[left:start] that do not open there."""
    opened: list[str] = []
    found: list[int] = []
    for bracket in _BRACKET.finditer(body, left, start):
        if bracket[0] in _CLOSERS:
            opened.append(bracket[0])
        elif _OPENERS[bracket[0]] in opened:
            opened.remove(_OPENERS[bracket[0]])
        else:
            found.append(bracket.start())
    return found
