"""What the service reads in a policy's text, and what of that goes where the publisher left a blank. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from config.calendar import WorkingDays
from streams.events.policy_data import given_labels
from streams.labelling import Label, Labeller
from streams.labelling.facts import Fact, Facts, read_facts

WINDOW: Mapping[str, str] = {"apply_from": "opens", "apply_until": "closes"}
OWN_FIELD = ("doc_number", "effective_date", "valid_until")
MANY = ("repeals", "amounts", "conditions")
ENDS = ("valid_until", "apply_until")


@dataclass(frozen=True)
class KnownFact:
    """One fact of a revision as it stands in the record.

    Attributes:
        name: doc_number, effective_date, valid_until, apply_from, apply_until, repeals, amounts or conditions.
        number: 0, or its place among several of that name.
        value: as JSON: a text, a day as YYYY-MM-DD, an amount or condition as an object; None where a reviewer said
            that there is none.
        start: offset of the evidence in the body, in characters.
        end: end of the evidence.
        quote: the words that prove it, "" where they are not in the body.
        rule: the rule that read it, or the origin.
        origin: "rule", "publisher" or "reviewer".
    """

    name: str
    number: int
    value: Any
    start: int
    end: int
    quote: str
    rule: str
    origin: Literal["rule", "publisher", "reviewer"]


@dataclass(frozen=True)
class Reading:
    """Labels and facts of a text, and the policy's data with its blanks filled."""

    labels: tuple[Label, ...]
    facts: tuple[KnownFact, ...]
    data: dict[str, Any]


def read(
    labeller: Labeller,
    data: Mapping[str, Any],
    body: str,
    *,
    region: str | None,
    today: date,
    calendar: WorkingDays,
) -> Reading:
    """Read a policy's text.

    Args:
        labeller: reads the labels.
        data: the policy's, as published, without its body: title, issuer, publish_date and whatever else was stated.
        body: its text.
        region: of the agency.
        today: in Asia/Shanghai.
        calendar: of working days, for 10个工作日内.
    """
    title, issuer = str(data["title"]), str(data["issuer"])
    labels = labeller.label(
        title=title, body=body, issuer=issuer, region_hint=region, given=given_labels(data)
    )
    facts = read_facts(
        title=title,
        body=body,
        publish_date=date.fromisoformat(str(data["publish_date"])),
        doc_number=data.get("doc_number"),
        calendar=calendar,
    )
    return Reading(labels, tuple(stated(data, _known(facts))), filled(data, facts, today))


def filled(data: Mapping[str, Any], facts: Facts, today: date) -> dict[str, Any]:
    """The policy's data with what its text says where the publisher stated nothing.

    An end that has passed already is not taken over: a day misread would keep the policy from everybody.
    """
    found = {name: getattr(facts, name).value for name in (*OWN_FIELD, *WINDOW) if getattr(facts, name)}
    given = dict(data)
    starts = str(given.get("effective_date") or found.get("effective_date") or "")
    for name in ENDS:
        if name in found and (found[name] < today or (name == "valid_until" and str(found[name]) < starts)):
            del found[name]
    for name in OWN_FIELD:
        if name in found and not given.get(name):
            given[name] = _plain(found[name])
    if not given.get("apply_window") and "apply_until" in found:
        window = {field: _plain(found[name]) for name, field in WINDOW.items() if name in found}
        if window.get("opens", "") <= window["closes"]:
            given["apply_window"] = window
    return given


def stated(data: Mapping[str, Any], facts: Sequence[KnownFact]) -> list[KnownFact]:
    """The facts with what the publisher stated in the place of what was read, which does not count then.

    Words of the text that say the same still prove it. A window stated is stated whole: what the text says of a day
    that it leaves open does not count either.

    Args:
        data: the policy's, as published.
        facts: as read.
    """
    window = data.get("apply_window")
    given = {name: data[name] for name in OWN_FIELD if data.get(name)}
    given |= {name: window.get(field) for name, field in WINDOW.items()} if window else {}
    same = {fact.name: fact for fact in facts if fact.name in given and fact.value == given[fact.name]}
    ours = [
        replace(same[name], rule="publisher", origin="publisher")
        if name in same
        else KnownFact(name, 0, value, 0, 0, "", "publisher", "publisher")
        for name, value in given.items()
        if value
    ]
    return [*ours, *(fact for fact in facts if fact.name not in given)]


def corrected(data: Mapping[str, Any], facts: Mapping[str, str | None]) -> dict[str, Any]:
    """The policy's data with a reviewer's corrections; None takes a field away.

    Raises:
        ValueError: a period then would end before it begins; says which.
    """
    given = dict(data)
    window = dict(given.get("apply_window") or {})
    for name, value in facts.items():
        place, field = (window, WINDOW[name]) if name in WINDOW else (given, name)
        if value is None:
            place.pop(field, None)
        else:
            place[field] = value
    given.pop("apply_window", None)
    for first, last, where in (("opens", "closes", window), ("effective_date", "valid_until", given)):
        if where.get(first) and where.get(last) and where[last] < where[first]:
            raise ValueError(f"{last} ({where[last]}) would be before {first} ({where[first]})")
    return given | ({"apply_window": window} if window else {})


def _known(facts: Facts) -> list[KnownFact]:
    single = [(name, 0, getattr(facts, name)) for name in (*OWN_FIELD, *WINDOW)]
    many = [(name, number, fact) for name in MANY for number, fact in enumerate(getattr(facts, name))]
    return [_kept(name, number, fact) for name, number, fact in [*single, *many] if fact is not None]


def _kept(name: str, number: int, fact: Fact[Any]) -> KnownFact:
    return KnownFact(name, number, _plain(fact.value), fact.start, fact.end, fact.quote, fact.rule, "rule")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else asdict(value)
