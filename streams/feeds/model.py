"""A feed as a value, before it is Atom or JSON; and the text that both can carry."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

LANGUAGE = "zh-CN"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # a feed must say when it changed last, also one without an entry

# What XML 1.0 cannot say at all (its production 2), not even by a reference; publishers' texts may hold it.
_UNSOUND = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Category:
    """A label or an occasion: the address of its kind as ``scheme``, its code as ``term``, its Chinese name."""

    scheme: str
    term: str
    name: str


@dataclass(frozen=True)
class Line:
    """A paragraph of an entry; with a ``url`` it is a link."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """What one reads.

    Attributes:
        id: ``urn:uuid:…``, the same over amendments and repeal.
        occasion: ``policy``, ``repeal``, ``interpretation`` or ``faq``, as a category.
        about: agency, policy and revision.
        title: its title.
        author: who issued the policy.
        url: the page of its policy, which after a repeal says so.
        source_url: the original on the issuer's own site, or "".
        published: when it was first released to everybody.
        updated: when it was released, amended or repealed last.
        summary: one line.
        lines: paragraphs.
        labels: the policy's.
    """

    id: str
    occasion: Category
    about: tuple[str, str, int]
    title: str
    author: str
    url: str
    source_url: str
    published: datetime
    updated: datetime
    summary: str
    lines: tuple[Line, ...]
    labels: tuple[Category, ...]

    @property
    def html(self) -> str:
        """Its paragraphs as HTML; nothing that a publisher wrote is markup."""
        return "".join(f"<p>{_linked(line)}</p>" for line in self.lines)


@dataclass(frozen=True)
class Addresses:
    """Where a page of a feed lies: this one, the first one, the next one ("" at the end), and the page for people."""

    itself: str
    first: str
    following: str
    home: str


@dataclass(frozen=True)
class Feed:
    """A page of a feed, newest first."""

    id: str
    title: str
    subtitle: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When the newest of its entries changed."""
        return max((entry.updated for entry in self.entries), default=NEVER)


def sound(text: str) -> str:
    """Return ``text`` with a blank for each character that XML cannot say: control characters, lone surrogates."""
    return _UNSOUND.sub(" ", text)


def stamp(moment: datetime) -> str:
    """Return ``moment`` as RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _linked(line: Line) -> str:
    text = escape(sound(line.text)).replace("\n", "<br>")
    return f'<a href="{escape(sound(line.url))}">{text}</a>' if line.url else text
