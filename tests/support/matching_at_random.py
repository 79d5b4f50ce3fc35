"""Subscribers and policies at random, of so few codes that chance makes them meet, and who gets what by the rules."""

from collections.abc import Mapping
from datetime import date
from math import inf
from typing import Any

from hypothesis import strategies as st

from config.database.jsontext import from_text, to_text
from config.taxonomies import load_taxonomy
from streams.matching.answers import Contact, Why
from streams.matching.conditions import FIELDS, Requirement, Requirements, day_number
from streams.matching.matter import DIMENSIONS, Matter, matter_of
from streams.matching.query import explicit_query, profile_query
from subscribers.shards import IndexRow
from tests.support import naive_audience

ANCESTORS = load_taxonomy().ancestors
CODES: dict[str, list[str]] = {
    "region": ["100000", "310000", "440000", "440100", "440106"],
    "industry": ["I", "I65", "I6513", "C39"],
    "theme": ["T07", "T10"],
    "kind": ["measure", "call"],
    "instrument": ["subsidy", "tax"],
    "subject": ["enterprise", "social-org"],
    "size": ["small", "micro"],
    "qualification": ["high-tech", "srdi"],
    "group": ["graduate", "veteran"],
    "action": ["apply", "inform"],
}
WORDS = ["首版", "首版次", "版次软件", "软件", "AI大模型", "大模型", "ai", "𠮷野家"]
UUIDS = [f"0f5b7a1e-62d5-5e0b-8c1d-00000000000{n}" for n in range(4)]
NAMES = ["S-1", "S-2", "a", "a.b_c-d", "0" * 64, UUIDS[0]]
CHANNELS = ["space", "email", "sms"]
CONTACTS = [("space", "space"), ("email", UUIDS[1]), ("email", "odd"), ("sms", UUIDS[2]), ("webhook", "w")]
BLOCKS = ["no_consent", "contact_suppressed", "opted_out"]
DAYS = [date(year, 1, 1) for year in (1969, 2021, 2022, 2023, 2024)]

Labels = Mapping[str, set[str]]
Ends = tuple[Any, Any]


def _some(dimension: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(CODES[dimension]), min_size=1, max_size=2, unique=True)


def _ends(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Ends]:
    return st.tuples(st.none() | values, st.none() | values).filter(lambda ends: ends != (None, None))


ends_of: dict[str, st.SearchStrategy[Ends]] = {
    "staff": _ends(st.integers(0, 5)),
    "revenue": _ends(st.integers(0, 5)),
    "founded": _ends(st.sampled_from(DAYS)),
}


def _written(ranges: Mapping[str, Ends]) -> dict[str, dict[str, Any]]:
    return {
        field: {
            end: value.isoformat() if isinstance(value, date) else value
            for end, value in zip(("from", "to") if field == "founded" else ("min", "max"), ends, strict=True)
            if value is not None
        }
        for field, ends in ranges.items()
    }


clauses = st.one_of(
    [
        st.builds(
            lambda codes, free, dimension=dimension: (
                {dimension: codes} | ({"or_unrestricted": True} if free else {})
            ),
            _some(dimension),
            st.booleans(),
        )
        for dimension in DIMENSIONS
    ]
)
criteria = st.builds(
    lambda ways, words, out, ranges: {
        "any": [{"all": way} for way in ways],
        "keywords": words if ways or words else WORDS[:1],
        "not": out,
        "profile": _written(ranges),
    },
    st.lists(st.lists(clauses, min_size=1, max_size=2), max_size=2),
    st.lists(st.sampled_from(WORDS), max_size=2, unique=True),
    st.lists(st.one_of([st.fixed_dictionaries({one: _some(one)}) for one in DIMENSIONS]), max_size=1),
    st.one_of(st.just({}), st.fixed_dictionaries({}, optional=ends_of)),
).map(lambda whole: to_text({name: part for name, part in whole.items() if part}))
profiles = st.fixed_dictionaries(
    {},
    optional={
        "region": st.none() | st.sampled_from(CODES["region"]),
        "industries": st.lists(st.sampled_from(CODES["industry"]), max_size=2),
        "size": st.none() | st.sampled_from(CODES["size"]),
        "qualifications": st.lists(st.sampled_from(CODES["qualification"]), max_size=2),
        "groups": st.lists(st.sampled_from(CODES["group"]), max_size=2),
        "staff": st.none() | st.integers(0, 5),
        "revenue": st.none() | st.integers(0, 5),
        "founded": st.none() | st.sampled_from(DAYS).map(date.isoformat),
    },
)
channels = st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True).map(tuple)


@st.composite
def rows(draw: st.DrawFn) -> IndexRow:
    """A subscriber; one that wants nothing is among them."""
    wanted = draw(st.lists(st.tuples(criteria, channels), max_size=2))
    return IndexRow(
        subscriber_id=draw(st.sampled_from(NAMES)),
        version=draw(st.integers(1, 9)),
        kind=draw(st.sampled_from(CODES["subject"])),
        profile=draw(profiles),
        profile_matching=draw(st.booleans()),
        profile_channels=draw(channels),
        contacts=tuple(draw(st.lists(st.sampled_from(CONTACTS), max_size=3, unique=True))),
        subscriptions=tuple(
            ("own-0" if n else UUIDS[3], one, through) for n, (one, through) in enumerate(wanted)
        ),
        blocked=tuple(
            draw(st.lists(st.tuples(st.sampled_from(CHANNELS), st.sampled_from(BLOCKS)), max_size=2))
        ),
    )


@st.composite
def matters(draw: st.DrawFn) -> Matter:
    """A policy."""
    labels = draw(
        st.fixed_dictionaries(
            {}, optional={one: st.sets(st.sampled_from(CODES[one]), max_size=2) for one in DIMENSIONS}
        )
    )
    asked = draw(st.fixed_dictionaries({}, optional=ends_of))
    return matter_of(
        [f"{dimension}:{code}" for dimension, codes in labels.items() for code in codes],
        "与".join(draw(st.lists(st.sampled_from(WORDS), max_size=3))),
        ANCESTORS,
        tuple(Requirement(field, *_numbers(asked[field])) for field in FIELDS if field in asked),
    )


def _numbers(ends: Ends) -> tuple[float, float]:
    low, high = (day_number(end) if isinstance(end, date) else end for end in ends)
    return -inf if low is None else low, inf if high is None else high


# -- the rules ---------------------------------------------------------------------------------------------------------


def whys_of(row: IndexRow, matter: Matter) -> list[tuple[Why, tuple[str, ...]]]:
    """Return why somebody wants a policy, each with the channels that were chosen for it."""
    labels: dict[str, set[str]] = {}
    for label in matter.labels:
        dimension, code = label.split(":")
        labels.setdefault(dimension, set()).add(code)
    whys = [
        (Why(name, explicit_query(from_text(text), ANCESTORS).reasons(matter)), through)
        for name, text, through in row.subscriptions
        if naive_audience.wants(from_text(text), labels, matter.text)
        and _could_meet(from_text(text).get("profile", {}), matter.requirements)
    ]
    own = naive_audience.fits(row.kind, row.profile, labels)
    if row.profile_matching and own and _meets(row.profile, matter.requirements):
        query = profile_query(row.kind, row.profile, ANCESTORS)
        whys.append((Why(None, query.reasons(matter)), row.profile_channels))
    return whys


def _meets(profile: Mapping[str, Any], asked: Requirements) -> bool:
    for one in asked:
        number = profile.get(one.field)
        if number is not None and not one.low <= _number(number) <= one.high:
            return False
    return True


def _could_meet(ranges: Mapping[str, Mapping[str, Any]], asked: Requirements) -> bool:
    for one in asked:
        ends = ranges.get(one.field, {})
        low, high = ends.get("min", ends.get("from")), ends.get("max", ends.get("to"))
        if low is not None and _number(low) > one.high:
            return False
        if high is not None and _number(high) < one.low:
            return False
    return True


def _number(value: float | str) -> float:
    return day_number(date.fromisoformat(value)) if isinstance(value, str) else value


def routes_of(row: IndexRow, matter: Matter) -> dict[Contact, tuple[Why, ...]]:
    """Return where a policy goes, and why."""
    routes: dict[Contact, tuple[Why, ...]] = {}
    for why, through in whys_of(row, matter):
        for contact in row.contacts:
            if contact[0] in through:
                routes[contact] = (*routes.get(contact, ()), why)
    return routes
