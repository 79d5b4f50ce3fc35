"""What people read: templates, rendered once per content, with gaps that are filled per recipient."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from jinja2 import StrictUndefined, Template, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from channels.message import NOTICES, Content, Message, Occasion, Reason
from channels.reasons import by_quote
from channels.writing.inlining import inlined
from channels.writing.office import Office, loader

SIGNATURE = "政达"
NOT_IN_SPACE = NOTICES | {Occasion.DIGEST}  # it has no templates of these
SLOTS = ("recipient", "why", "leave", "secret")
BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)


@dataclass(frozen=True)
class Pieces:
    """A rendered text with gaps: constant text at even places, the names of slots at odd ones."""

    parts: tuple[str, ...]

    def fill(self, slots: Mapping[str, str]) -> str:
        """Return the text for one recipient; ``slots`` has a value for every name of `SLOTS`, already escaped."""
        filled = list(self.parts)
        for place in range(1, len(filled), 2):
            filled[place] = slots[filled[place]]
        return "".join(filled)


def headline(content: Content) -> str:
    """Return the title on one line, marked 【修订】, 【废止】 or 【解读】 unless it is a policy's first push.

    It is an e-mail's subject and an inbox message's title.
    """
    return one_line(_template("headline.txt.jinja").render(content=content))


@lru_cache(maxsize=128)
def mail_pieces(content: Content, form: str) -> Pieces:
    """Return the body of an e-mail; ``form`` is ``txt`` or ``html``."""
    return _pieces(
        f"email/{content.occasion}.{form}.jinja", content, finish=inlined if form == "html" else str
    )


def mail_slots(message: Message, form: str) -> dict[str, str]:
    """Return what is personal in an e-mail, escaped for ``form`` (``txt`` or ``html``)."""
    own = {"recipient": message.recipient, "leave": message.unsubscribe_url, "secret": message.secret}
    slots = {name: one_line(text) for name, text in own.items()}
    if form == "html":
        slots = {name: str(escape(text)) for name, text in slots.items()}
    return slots | {"why": _why(f"email/why.{form}.jinja", message.reasons)}


def sms_text(message: Message, signature: str = SIGNATURE) -> str:
    """Return the text message: 【signature】, what is new, where to read it, why it came, 退订回T."""
    why = _why("sms/why.txt.jinja", message.reasons)
    pieces = _short_pieces("sms", message.content, one_line(signature))
    return one_line(pieces.fill({"recipient": "", "why": why, "leave": "", "secret": message.secret}))


def space_text(message: Message) -> str:
    """Return the message as the enterprise space shows it, in lines."""
    slots = mail_slots(message, "txt")
    return _short_pieces("space", message.content, "").fill(slots).strip()


def plain_text(message: Message) -> str:
    """Return the message in lines, for channels without templates: as the space has it, else as the mail does."""
    if message.content.occasion not in NOT_IN_SPACE:
        return space_text(message)
    return mail_pieces(message.content, "txt").fill(mail_slots(message, "txt")).strip()


def why(medium: str, reasons: Sequence[Reason]) -> str:
    """Return in words why a message came, as ``medium`` (``email``, ``sms``) says it."""
    return _why(f"{medium}/why.txt.jinja", reasons)


def one_line(text: str) -> str:
    """Return ``text`` with every run of blanks, line ends and control characters as one blank.

    What comes from outside passes here before it stands in a header or a line of its own.
    """
    return BLANKS.sub(" ", text).strip()


def day(moment: date | None) -> str:
    """Return ``2026年7月1日``; nothing for None."""
    return f"{moment.year}年{moment.month}月{moment.day}日" if moment else ""


def window(content: Content) -> str:
    """Return the time in which one can apply, as far as it is known."""
    opens, closes = day(content.apply_opens), day(content.apply_closes)
    if opens and closes:
        return f"{opens}至{closes}"
    return f"{opens}起" if opens else f"截至{closes}" if closes else ""


def link(url: str | None) -> str:
    """Return ``url`` if it is a plain web address, else nothing: a ``javascript:`` link never leaves."""
    return url if url and LINK.fullmatch(url) else ""


def short(text: str, length: int) -> str:
    """Return ``text`` cut to ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _pieces(name: str, content: Content, signature: str = "", finish: Callable[[str], str] = str) -> Pieces:
    # A mark that nobody can foresee stands in each gap, so that no title or summary can imitate one.
    mark = secrets.token_hex(16)
    slots = {slot: f"{mark}{slot}{mark}" for slot in SLOTS}
    text = finish(_template(name).render(content=content, slots=slots, signature=signature))
    return Pieces(tuple(re.split(f"{mark}({'|'.join(SLOTS)}){mark}", text)))


@lru_cache(maxsize=128)
def _short_pieces(medium: str, content: Content, signature: str) -> Pieces:
    return _pieces(f"{medium}/{content.occasion}.txt.jinja", content, signature)


def _why(name: str, reasons: Sequence[Reason]) -> str:
    # Recipients of one policy share few reasons, if only the evidence counts and not whose subscription it is or what
    # its owner calls it.
    shape = tuple(
        Reason(
            one.subscription_id and "*", "" if _is_named(one) else one.subscription, one.evidence, one.stated
        )
        for one in reasons
    )
    pieces = _why_pieces(name, shape)
    if pieces is None:
        return _why_in_words(
            name, tuple(replace(r, subscription_id=r.subscription_id and "*") for r in reasons)
        )
    names = {str(place): one_line(one.subscription) for place, one in enumerate(reasons)}
    if name.endswith(".html.jinja"):
        names = {place: str(escape(text)) for place, text in names.items()}
    return pieces.fill(names)


def _is_named(reason: Reason) -> bool:
    return reason.subscription_id is not None and not reason.stated and bool(one_line(reason.subscription))


@lru_cache(maxsize=4096)
def _why_pieces(name: str, shape: Sequence[Reason]) -> Pieces | None:
    """Return reasons in words, with gaps named by place where subscriptions are named.

    None where the template does more with a name than show it: it has to see each. Of an office's own nobody knows.
    """
    if name in _in_use.office:
        return None
    # A name that is shortened or counted leaves something behind, and not twice the same.
    one, other = _why_parts(name, shape, 16), _why_parts(name, shape, 24)
    return Pieces(one) if one == other else None


def _why_parts(name: str, shape: Sequence[Reason], size: int) -> tuple[str, ...]:
    gaps = [place for place, one in enumerate(shape) if one.subscription_id and not one.subscription]
    marks = {place: secrets.token_hex(size) for place in gaps}
    marked = [
        replace(one, subscription=marks.get(place, one.subscription)) for place, one in enumerate(shape)
    ]
    parts = [_template(name).render(reasons=marked).strip()]
    if marks:
        parts = re.split(f"({'|'.join(marks.values())})", parts[0])
    places = {mark: str(place) for place, mark in marks.items()}
    return tuple(places[part] if odd % 2 else part for odd, part in enumerate(parts))


@lru_cache(maxsize=4096)
def _why_in_words(name: str, reasons: Sequence[Reason]) -> str:
    return _template(name).render(reasons=reasons).strip()


def use_office(office: Office) -> None:
    """Write with an office's own templates from now on, `channels.writing.check` having looked at them.

    Args:
        office: they replace shipped ones of the same name; {}: none does.
    """
    _in_use.office = office
    for rendered in (mail_pieces, _short_pieces, _why_pieces, _why_in_words, _in_use_environment):
        rendered.cache_clear()


class _InUse:
    """What this process writes with; set once, at its start."""

    def __init__(self) -> None:
        self.office: Office = {}


_in_use = _InUse()


def environment(office: Office) -> ImmutableSandboxedEnvironment:
    """Return what renders templates: sandboxed, and nothing that a message does not have passes for empty."""
    made = ImmutableSandboxedEnvironment(
        loader=loader(office),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # What comes from outside is escaped, whoever wrote the template.
    del made.filters["safe"]
    made.filters.update(
        one_line=one_line,
        day=day,
        window=window,
        link=link,
        short=short,
        headline=headline,
        by_quote=by_quote,
    )
    return made


@lru_cache(maxsize=1)
def _in_use_environment() -> ImmutableSandboxedEnvironment:
    return environment(_in_use.office)


def _template(name: str) -> Template:
    return _in_use_environment().get_template(name)
