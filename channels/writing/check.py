"""Whether templates can be used: each is rendered with samples of every occasion before anything real is.

What cannot be rendered is an error. A message that would not say what it must (`channels.writing.rules`) is a warning:
the office may know why, and who runs the service is told.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType

from jinja2 import Environment, TemplateError, TemplateNotFound, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError

from channels.message import Message, Occasion
from channels.writing import samples
from channels.writing.office import (
    SHIPPED_PREFIX,
    Office,
    OfficeTemplate,
    TemplatesError,
    nearest,
    read_office,
    shipped_names,
    strange_files,
)
from channels.writing.render import SLOTS, environment, use_office
from channels.writing.rules import lacks

INSIDE = re.compile(r"'channels\.\w+\.(\w+) object'")  # what a library calls our values
FORMS: tuple[tuple[str, str], ...] = (("email", "txt"), ("email", "html"), ("sms", "txt"), ("space", "txt"))


@dataclass(frozen=True)
class Finding:
    """Something about a template.

    Attributes:
        error: whether it keeps the template from being used.
        path: the file.
        line: where in it; 0 where no line is to blame.
        message: what is wrong.
        seen_in: the message that it was seen in; "" where it is wrong by itself.
    """

    error: bool
    path: Path
    line: int
    message: str
    seen_in: str = ""

    def __str__(self) -> str:
        """Return ``file:line: what is wrong (in which message)``."""
        place = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{place}: {self.message}" + (f" (in {self.seen_in})" if self.seen_in else "")


def look_at(office: Office, directory: Path) -> list[Finding]:
    """Return all that is wrong with an office's templates, errors first; [] where nothing is.

    Args:
        office: as `channels.writing.office.read_office` returns them.
        directory: where they lie.
    """
    env = environment(office)
    found = [
        Finding(False, path, 0, "is no template: it does not end in .jinja")
        for path in strange_files(directory)
    ]
    unsound: set[str] = set()
    for one in office.values():
        wrong = list(_read(env, one, office))
        found += wrong
        if any(finding.error for finding in wrong):
            unsound.add(one.name)
    found += _tried(_without(office, unsound))
    return sorted(_once(found), key=lambda one: (not one.error, str(one.path), one.line))


def _without(office: Office, unsound: set[str]) -> Office:
    """Return an office without what cannot be used, nor what is built on it: that can be judged when it is mended."""
    uses = {one.name: _used(environment(office), one) for one in office.values() if one.name not in unsound}
    left_out, more = set(unsound), unsound
    while more:
        more = {name for name, used in uses.items() if name not in left_out and used & left_out}
        left_out |= more
    return {name: one for name, one in office.items() if name not in left_out}


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each mistake once, with how many messages it was seen in."""
    seen: dict[Finding, list[str]] = {}
    for one in found:
        seen.setdefault(replace(one, seen_in=""), []).append(one.seen_in)
    for one, messages in seen.items():
        more = f" and {len(messages) - 1} more" if messages[1:] else ""
        yield replace(one, seen_in=f"{messages[0]}{more}" if messages[0] else "")


def adopt(directory: Path | None) -> list[Finding]:
    """Write with an office's own templates from now on.

    Args:
        directory: where they lie; None: there are none.

    Returns:
        The warnings about them.

    Raises:
        TemplatesError: some of them cannot be used, a line each; nothing changed.
    """
    office = read_office(directory) if directory else {}
    found = look_at(office, directory) if directory else []
    if errors := [str(one) for one in found if one.error]:
        raise TemplatesError("\n".join(errors))
    use_office(office)
    return found


def _read(env: Environment, one: OfficeTemplate, office: Office) -> Iterator[Finding]:
    if one.unreadable is not None:
        line, why = one.unreadable
        yield Finding(True, one.path, line, why)
        return
    try:
        tree = env.parse(one.source, one.name, str(one.path))
        env.compile(one.source, one.name, str(one.path))
    except TemplateSyntaxError as exc:
        yield Finding(True, one.path, exc.lineno, str(exc.message))
        return
    for opened in tree.find_all(nodes.ScopedEvalContextModifier):
        yield Finding(True, one.path, opened.lineno, "autoescape may not be switched off")
    for name in meta.find_referenced_templates(tree):
        if name is None or name in office or name.removeprefix(f"{SHIPPED_PREFIX}/") in shipped_names():
            continue
        yield Finding(True, one.path, _line_of(one, name), f"there is no template {name}" + _meant(name))
    if one.name not in shipped_names() and one.name not in _used_by_others(env, office):
        yield Finding(
            True, one.path, 0, "no template has this name" + _meant(one.name) + "; it would never be used"
        )


def _used_by_others(env: Environment, office: Office) -> set[str]:
    used: set[str] = set()
    for one in office.values():
        if one.unreadable is not None:  # whatever it names
            return set(office)
        try:
            used |= _used(env, one)
        except TemplateSyntaxError:  # told where that file is read; what it names may well be used by it
            used |= {name for name in office if name in one.source}
    return used


def _used(env: Environment, one: OfficeTemplate) -> set[str]:
    return {name for name in meta.find_referenced_templates(env.parse(one.source)) if name}


def _tried(office: Office) -> Iterator[Finding]:
    """Render everything that an office's templates have a part in; the shipped ones beside them cost little."""
    env = environment(office)
    for medium, form in FORMS:
        for occasion in Occasion:
            name = f"{medium}/{occasion}.{form}.jinja"
            if name in shipped_names():
                yield from _occasion(env, office, name, medium, form, occasion)
    yield from _caught(office, "headline.txt.jinja", lambda: _headlines(env))


def _headlines(env: Environment) -> None:
    template = env.get_template("headline.txt.jinja")
    for content in chain.from_iterable(map(samples.contents, Occasion)):
        template.render(content=content)


def _occasion(
    env: Environment, office: Office, name: str, medium: str, form: str, occasion: Occasion
) -> Iterator[Finding]:
    for message in samples.messages(occasion, notice_by_code=medium == "sms"):
        rendered = partial(_text, env, name, medium, form, message)
        if wrong := list(_caught(office, name, rendered)):
            yield from wrong
            return
        to_blame = _to_blame(office, name, medium, form)
        for lacking in lacks(medium, message, rendered()) if to_blame else ():
            yield Finding(False, to_blame.path if to_blame else Path(name), 0, lacking, name)


def _text(env: Environment, name: str, medium: str, form: str, message: Message) -> str:
    words = "sms" if medium == "sms" else "email"
    why = env.get_template(f"{words}/why.{form}.jinja").render(reasons=message.reasons).strip()
    personal: Mapping[str, str] = {
        "recipient": message.recipient,
        "why": why,
        "leave": message.unsubscribe_url,
        "secret": message.secret,
    }
    assert set(personal) == set(SLOTS)
    # As the channel does it: gaps are filled behind the template, so its autoescape does not see them.
    marks = {slot: f"\x02{slot}\x03" for slot in SLOTS}
    text = env.get_template(name).render(content=message.content, slots=marks, signature=samples.SIGNATURE)
    for slot, mark in marks.items():
        text = text.replace(mark, personal[slot])
    return text


def _caught(office: Office, name: str, render: Callable[[], object]) -> Iterator[Finding]:
    try:
        render()
    except TemplateNotFound as exc:
        yield Finding(True, Path(name), 0, f"there is no template {exc.name}")
    except (
        TemplateError,
        SecurityError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as exc:
        path, line = _place(exc.__traceback__, office) or (Path(name), 0)
        yield Finding(True, path, line, INSIDE.sub(r"\1", str(exc)), name)


def _place(traceback: TracebackType | None, office: Office) -> tuple[Path, int] | None:
    """Return the innermost line of an office's template in a traceback."""
    paths = {str(one.path): one.path for one in office.values()}
    found = None
    while traceback is not None:
        path = paths.get(traceback.tb_frame.f_code.co_filename)
        found = (path, traceback.tb_lineno) if path else found
        traceback = traceback.tb_next
    return found


def _to_blame(office: Office, name: str, medium: str, form: str) -> OfficeTemplate | None:
    """Return the office's template that a message lacks something for: its own, its layout, or its words of why."""
    words = "sms" if medium == "sms" else "email"
    candidates = (
        name,
        f"{medium}/layout.{form}.jinja",
        f"{medium}/notice.{form}.jinja",
        f"{words}/why.{form}.jinja",
    )
    return next((office[one] for one in candidates if one in office), None)


def _line_of(one: OfficeTemplate, name: str) -> int:
    lines = one.source.splitlines()
    return next((number for number, line in enumerate(lines, 1) if name in line), 0)


def _meant(name: str) -> str:
    near = nearest(name)
    return f", is {near} meant?" if near else ""
