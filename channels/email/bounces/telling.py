"""What a notice tells people: the replies of servers that it quotes, and its own words for why. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from channels.email.bounces.dsn import RETURNED_PARTS, status_in
from channels.email.bounces.mime import Mail
from channels.email.bounces.rules import Rule, Rules
from channels.email.bounces.words import from_html, lines_of

REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?:[ :#-]|(?=[45]\.\d))")
REPLY_CHARS = 400
MOST_REPLIES = 10
MOST_TEXTS = 3
REASON_CHARS = 400


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
    for reply in (one for lines in own for one in _replies(lines)):
        rule = rules.of_reply(status_in(reply) or f"{reply[0]}.0.0", reply, hosts)
        if rule is not None and rule.word != "temporary":
            return Told(rule, status_in(reply), reply)
        if rule is not None and later is None:
            later = Told(rule, status_in(reply), reply)
    for text in map(" ".join, own):
        for piece in (*_after(text, rules.signs.reasons), text):
            if (rule := rules.of_text(piece, hosts)) is not None:
                return Told(rule, status_in(piece), piece)
    return later


def _own_lines(text: str, ends: Sequence[str]) -> list[str]:
    """Return the lines up to where the provider stops speaking of this message."""
    found: list[str] = []
    for line in lines_of(text):
        places = [at for end in ends if (at := line.find(end)) >= 0]
        if places and (found or min(places)):
            return [*found, line[: min(places)]]
        found.append(line)
    return found


def _replies(lines: Sequence[str]) -> Iterator[str]:
    """Yield what looks like a server's answer: from its code to the end of the line and of the one after."""
    found = 0
    for at, line in enumerate(lines):
        code = REPLY.search(line)
        if code is not None and found < MOST_REPLIES:
            found += 1
            yield " ".join((line[code.start() :], *lines[at + 1 : at + 2]))[:REPLY_CHARS]


def _after(text: str, marks: Sequence[str]) -> list[str]:
    places = sorted(at + len(mark) for mark in marks if (at := text.find(mark)) >= 0)
    return [text[at : at + REASON_CHARS] for at in places]
