"""Facts and conditions on the terminal, each with the words that prove it: of a text read here, or of the service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.cli.face import Face
from service.cli.show import cell, print_named
from streams.labelling.facts import Amount, Condition

CONDITIONS = "conditions"
_BOUNDS = {"exact": "", "minimum": "≥ ", "maximum": "≤ "}
_UNITS = {"yuan": "元", "percent": "%"}


@dataclass(frozen=True)
class ShownFact:
    """A fact as a table shows it: its name, what it says, and the words that prove it, "" where there are none."""

    name: str
    value: str
    quote: str


def print_facts(face: Face, facts: Iterable[ShownFact]) -> None:
    """Print a table of facts and one of conditions, under their names."""
    given = list(facts)
    fact, value, quote = (face.words(f"col_{name}") for name in ("fact", "value", "quote"))
    rows = [
        {fact: one.name, value: one.value, quote: one.quote or "-"} for one in given if one.name != CONDITIONS
    ]
    print_named(face, "facts", rows, (fact, value, quote))
    asked = [{value: one.value, quote: one.quote or "-"} for one in given if one.name == CONDITIONS]
    print_named(face, CONDITIONS, asked, (value, quote))


def from_answer(face: Face, facts: Iterable[Mapping[str, Any]]) -> list[ShownFact]:
    """Return facts as the HTTP route answers them; one whose value is null was taken away by a reviewer."""
    return [
        ShownFact(
            fact["name"],
            face.words("taken_away") if fact["value"] is None else fact_in_words(_as_read(fact)),
            fact["quote"],
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
