"""The label of the place that a document applies to, with where its body names it."""

import re
from dataclasses import dataclass

from streams.labelling.model import Label
from streams.labelling.normalise import Text
from streams.labelling.regions.places import is_word, short_name

_LONGER = "(?![省市州盟县区])"  # 吉林 is not named by 吉林市


@dataclass(frozen=True, slots=True)
class Choice:
    """The place chosen.

    Attributes:
        code: its code in the taxonomy.
        field: what spoke of it: hint, issuer, title or body.
        name: as it was named there; in a body also a place inside it.
        at: offset of the name in the normalised body, -1 if it was found elsewhere.
        weight: how sure that is, 0 to 1.
    """

    code: str
    field: str
    name: str
    at: int = -1
    weight: float = 1.0


def region_label(choice: Choice, full: str, text: Text, body: str) -> Label:
    """The label, with the place in the body as evidence, else what stands there for it: a place inside it.

    Args:
        choice: the place.
        full: its name in the taxonomy, "" for the nation, which bodies name in many ways.
        text: the normalised body.
        body: the original body, to quote from.
    """
    if choice.at < 0:
        found = _itself(text.text, full or choice.name, choice.name)
        start, end = text.span(*found) if found else (0, 0)
    else:
        start, end = text.span(*_best(text.text, full, choice.name, choice.at))
    rule = f"{choice.field}:{choice.name if choice.at < 0 else body[start:end]}"
    return Label("region", choice.code, start, end, body[start:end], rule, choice.weight, "rule")


def _itself(body: str, full: str, said: str = "") -> tuple[int, int] | None:
    """Offsets of the place: of its full name, else as it was said in a field, else of its short name."""
    start = body.find(full) if full else -1
    if start >= 0:
        return start, start + len(full)
    short = short_name(full) or ""
    for name in dict.fromkeys((said, short)):
        if len(name) < 2 or is_word(name):
            continue
        if found := re.search(re.escape(name) + (_LONGER if name == short else ""), body):
            return found.span()
    return None


def _best(body: str, full: str, said: str, at: int) -> tuple[int, int]:
    """Offsets of the place itself, else of what stands `at` for it: its former name, or a place inside it."""
    short = short_name(full) or full
    is_itself = said == full or not full or (full not in body and short in said)  # 黔南州
    return (None if is_itself else _itself(body, full)) or (at, at + len(said))
