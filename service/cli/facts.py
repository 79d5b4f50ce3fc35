"""Facts and conditions on the terminal, each with the words that prove it: of a text read here, or of the service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.cli.face import Face
from service.cli.origins import origin_in_words
from service.cli.show import cell, print_named
from streams.labelling.facts import Amount, Condition

CONDITIONS = "conditions"
_BOUNDS = {"exact": "", "minimum": "≥ ", "maximum": "≤ "}
_UNITS = {"yuan": "元", "percent": "%"}


@dataclass(frozen=True)
class ShownFact:
    """A fact as a table shows it: its name, what it says, and the words that prove it, "" where there are none.

    ``origin`` says who gave it; "" where nobody but the rules could have.
    """

    name: str
    value: str
    quote: str
    origin: str = ""


def print_facts(face: Face, facts: Iterable[ShownFact]) -> None:
    """Print a table of facts and one of conditions, under their names."""
    given = list(facts)
    names = (
        ["fact", "value", "origin", "quote"]
        if any(one.origin for one in given)
        else ["fact", "value", "quote"]
    )
    heads = [face.words(f"col_{name}") for name in names]
    rows: dict[bool, list[dict[str, str]]] = {False: [], True: []}
    for one in given:
        cells = {"fact": one.name, "value": one.value, "origin": one.origin, "quote": one.quote or "-"}
        row = {head: cells[name] for head, name in zip(heads, names, strict=True)}
        rows[one.name == CONDITIONS].append(row)
    print_named(face, "facts", rows[False], heads)
    print_named(face, CONDITIONS, rows[True], heads[1:])


def from_answer(face: Face, facts: Iterable[Mapping[str, Any]]) -> list[ShownFact]:
    """Return facts as the HTTP route answers them; one whose value is null was taken away by a reviewer."""
    return [
        ShownFact(
            fact["name"],
            face.words("taken_away") if fact["value"] is None else fact_in_words(_as_read(fact)),
            fact["quote"],
            origin_in_words(face, fact["origin"]),
        )
        for fact in facts
    ]


def fact_in_words(value: object) -> str:
    """Return what a fact says as a table shows it: ≥ 500,000 元 奖励."""
    match value:
        case Amount():
            each = f"/{value.per}" if value.per else ""
            return f"{_BOUNDS[value.bound]}{value.value:,.10g} {_UNITS[value.unit]}{each} {value.purpose}"
        case Condition(unit="day"):
            return f"{value.field} {value.op} {value.value:.0f} {value.unit}"
        case Condition():
            return f"{value.field} {value.op} {value.value:,.10g} {value.unit}"
    return cell(value)


def _as_read(fact: Mapping[str, Any]) -> object:
    """The value as the rules read it; as it came where a newer service has fields that are not known here."""
    kind = {"amounts": Amount, CONDITIONS: Condition}.get(fact["name"])
    value = fact["value"]
    if kind is None or not isinstance(value, Mapping) or not kind.__annotations__.keys() >= value.keys():
        return value
    return kind(**value)
