"""An office's own templates: files that replace shipped ones of the same name. Read once, at the start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, FunctionLoader, PrefixLoader

from config.office_file import OfficeFileError

SHIPPED = Path(__file__).parent.parent / "templates"
SUFFIX = ".jinja"
SHIPPED_PREFIX = (
    "shipped"  # {% extends "shipped/sms/layout.txt.jinja" %} is the one that this office's file replaces
)
MOST_BYTES = 256 * 1024


class TemplatesError(OfficeFileError):
    """A template of the office's own cannot be used.

    The message names file, line and what is wrong there. Mend the file, or take it out of ZHENGDA_TEMPLATES, and start
    again: `zhengda doctor` looks at all of them. Nothing was started and no message is lost.
    """


@dataclass(frozen=True)
class OfficeTemplate:
    """A file of the office.

    Attributes:
        name: what it is called among the templates.
        path: where it lies.
        source: its text; "" where it cannot be read.
        unreadable: why it cannot be read, and the line that is to blame (0: none); None where it can.
    """

    name: str
    path: Path
    source: str
    unreadable: tuple[int, str] | None = None


Office = Mapping[str, OfficeTemplate]


def shipped_names() -> frozenset[str]:
    """Return what shipped templates are called, such as ``sms/policy.txt.jinja``."""
    return frozenset(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob(f"*{SUFFIX}"))


def read_office(directory: Path) -> Office:
    """Return the templates of a directory, by name; what cannot be read as text is there and says why.

    Raises:
        TemplatesError: there is no such directory.
    """
    if not directory.is_dir():
        raise TemplatesError(f"{directory}: no such directory; correct ZHENGDA_TEMPLATES")
    return {name: _template(name, path) for name, path in sorted(_files(directory))}


def strange_files(directory: Path) -> list[Path]:
    """Return files that look as if they were meant for templates and are none; notes and hidden files are not."""
    return sorted(
        path
        for path in directory.rglob("*")
        if path.is_file() and path.suffix not in (SUFFIX, ".md") and not path.name.startswith(".")
    )


def nearest(name: str) -> str:
    """Return the shipped name that looks most like ``name``; "" where none does."""
    return next(iter(get_close_matches(name, shipped_names(), n=1)), "")


def loader(office: Office) -> BaseLoader:
    """Return what finds templates: the office's own first, then those that were shipped."""

    def own(name: str) -> tuple[str, str, None] | None:
        found = office.get(name)
        return None if found is None else (found.source, str(found.path), None)

    shipped = FileSystemLoader(SHIPPED)
    return ChoiceLoader([FunctionLoader(own), shipped, PrefixLoader({SHIPPED_PREFIX: shipped})])


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    for path in directory.rglob(f"*{SUFFIX}"):
        if path.is_file():
            yield path.relative_to(directory).as_posix(), path


def _template(name: str, path: Path) -> OfficeTemplate:
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            return OfficeTemplate(name, path, "", (0, f"larger than {MOST_BYTES // 1024} KiB"))
        return OfficeTemplate(name, path, raw.decode("utf-8-sig"))
    except OSError as exc:
        return OfficeTemplate(name, path, "", (0, f"cannot be read: {exc.strerror}"))
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        return OfficeTemplate(name, path, "", (line, "not UTF-8 text; save it as UTF-8"))
