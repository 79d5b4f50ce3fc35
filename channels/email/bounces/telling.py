"""What a notice tells people: the replies of servers that it quotes, and its own words for why. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from channels.email.bounces.dsn import RETURNED_PARTS, status_in
from channels.email.bounces.mime import Mail
from channels.email.bounces.rules import Rule, Rules
from channels.email.bounces.words import from_html, lines_of

REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?:[ :#-]|(?=[45]\.\d))")
QMAIL = re.compile(r"\(#([45]\.\d{1,3}\.\d{1,3})\)")  # its words stand before the code
REPLY_CHARS = 400
MOST_REPLIES = 10
MOST_TEXTS = 3
REASON_CHARS = 400
BEFORE_CHARS = 60


@dataclass(frozen=True)
class Told:
    """What a text says: the rule that it fits, the status in it, and the words that count, as `plain` has them."""

    rule: Rule
    status: str
    said: str


def texts_of(mail: Mail) -> list[str]:
    """Return what people read, up to the message that is returned: what comes back of ours says nothing."""
    found: list[str] = []
    for part in mail.parts:
        if part.kind in RETURNED_PARTS or len(found) == MOST_TEXTS:
            break
        if part.kind in ("text/plain", "text/html"):
            text = part.text()
            found.append(from_html(text) if part.kind == "text/html" else text)
    return found


def told(texts: Sequence[str], rules: Rules, hosts: Collection[str]) -> Told | None:
    """Return what texts for people say; None where no rule fits any of it.

    A server's reply counts before words around it, and a final one before one that asks to try again.
    """
    own = [_own_lines(text, rules.signs.ends) for text in texts]
    later: Told | None = None
    for status, reply in (one for lines in own for one in _replies(lines)):
        rule = rules.of_reply(status or f"{reply[0]}.0.0", reply, hosts)
        if rule is not None and rule.word != "temporary":
            return Told(rule, status, reply)
        if rule is not None and later is None:
            later = Told(rule, status, reply)
    for text in map(" ".join, own):
        for piece in (*_after(text, rules.signs.reasons), text):
            if (found := rules.of_text(piece, hosts)) is not None:
                return Told(found[0], "", piece[max(0, found[1] - BEFORE_CHARS) :])
    return later


def says(texts: Sequence[str], words: Sequence[str], ends: Sequence[str]) -> bool:
    """Whether one of ``words`` stands in what the provider tells of this message."""
    return any(word in line for text in texts for line in _own_lines(text, ends) for word in words)


def _own_lines(text: str, ends: Sequence[str]) -> list[str]:
    """Return the lines up to where the provider stops speaking of this message."""
    found: list[str] = []
    for line in lines_of(text):
        places = [at for end in ends if (at := line.find(end)) >= 0]
        if places and (found or min(places)):
            return [*found, line[: min(places)]]
        found.append(line)
    return found


def _replies(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what looks like a server's answer, and its status: from its code to the end of the line after."""
    found = 0
    for at, line in enumerate(lines):
        code, end = REPLY.search(line), QMAIL.search(line)
        if found == MOST_REPLIES or (code is None and end is None):
            continue
        found += 1
        if code is not None:
            reply = " ".join((line[code.start() :], *lines[at + 1 : at + 2]))[:REPLY_CHARS]
            yield status_in(reply), reply
        elif end is not None:
            yield end[1], line[max(0, end.end() - REPLY_CHARS) : end.end()]


def _after(text: str, marks: Sequence[str]) -> list[str]:
    places = sorted(at + len(mark) for mark in marks if (at := text.find(mark)) >= 0)
    return [text[at : at + REASON_CHARS] for at in places]
