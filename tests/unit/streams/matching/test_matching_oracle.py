"""The index against an oracle that evaluates the definitions of docs/architecture.md as they are written."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.database.jsontext import from_text, to_text
from config.taxonomies import load_taxonomy
from streams.matching.conditions import Field, Requirement, Requirements
from streams.matching.index import ShardIndex
from streams.matching.matter import DIMENSIONS, matter_of
from subscribers.criteria import Criteria
from subscribers.shards import IndexRow
from tests.support.naive_audience import has_the_numbers, some_firm_has_the_numbers

TAXONOMY = load_taxonomy()
# Few enough codes that chance makes them meet, chosen so that every kind of kinship is among them.
CODES: dict[str, list[str]] = {
    "region": ["100000", "310000", "310115", "440000", "440100", "440105", "440106"],
    "industry": ["I", "I65", "I651", "I6513", "C", "C39", "K", "K70"],
    "theme": ["T07", "T10", "T11"],
    "kind": ["measure", "call"],
    "instrument": ["subsidy", "tax"],
    "subject": ["enterprise", "social-org", "person"],
    "size": ["small", "micro", "large"],
    "qualification": ["high-tech", "srdi"],
    "group": ["graduate", "veteran"],
    "action": ["apply", "inform"],
}
WORDS = ["首版次", "软件", "补贴"]

Labels = dict[str, set[str]]  # dimension → codes


def at_or_under(code: str, top: str, dimension: str) -> bool:
    return code == top or top in TAXONOMY.ancestors(dimension, code)


# -- the oracle ------------------------------------------------------------------------------------------------------


def clause_holds(clause: Mapping[str, Any], labels: Labels) -> bool:
    ((dimension, wanted),) = [(name, codes) for name, codes in clause.items() if name != "or_unrestricted"]
    if not labels.get(dimension):
        return bool(clause.get("or_unrestricted"))
    return any(
        at_or_under(has, want, dimension) or at_or_under(want, has, dimension)
        for has in labels[dimension]
        for want in wanted
    )


def subscription_fits(
    criteria: Mapping[str, Any], labels: Labels, text: str, asks: Requirements = ()
) -> bool:
    if not some_firm_has_the_numbers(criteria.get("profile", {}), plainly(asks)):
        return False
    for exclusion in criteria.get("not", []):
        for dimension, codes in exclusion.items():
            if any(at_or_under(has, out, dimension) for has in labels.get(dimension, ()) for out in codes):
                return False
    alternatives = criteria.get("any", [])
    if alternatives and not any(all(clause_holds(c, labels) for c in a["all"]) for a in alternatives):
        return False
    keywords = criteria.get("keywords", [])
    return not keywords or any(word in text for word in keywords)


def profile_fits(kind: str, profile: Mapping[str, Any], labels: Labels, asks: Requirements = ()) -> bool:
    if not has_the_numbers(profile, plainly(asks)):
        return False

    def unrestricted(dimension: str) -> bool:
        return not labels.get(dimension)

    if not unrestricted("subject") and kind not in labels["subject"]:
        return False
    region = profile.get("region")
    if (
        region
        and not unrestricted("region")
        and not any(at_or_under(region, r, "region") for r in labels["region"])
    ):
        return False
    own = profile.get("industries")
    if own and not unrestricted("industry"):
        related = [
            (has, mine)
            for has in labels["industry"]
            for mine in own
            if at_or_under(has, mine, "industry") or at_or_under(mine, has, "industry")
        ]
        if not related:
            return False
    size = profile.get("size")
    if size and not unrestricted("size") and size not in labels["size"]:
        return False
    if not unrestricted("qualification") and not labels["qualification"] & set(
        profile.get("qualifications", [])
    ):
        return False
    groups = profile.get("groups")
    return not groups or unrestricted("group") or bool(labels["group"] & set(groups))


def plainly(asks: Requirements) -> list[tuple[str, float, float]]:
    return [(one.field, one.low, one.high) for one in asks]


# -- strategies ------------------------------------------------------------------------------------------------------

labels_st = st.fixed_dictionaries(
    {}, optional={d: st.sets(st.sampled_from(CODES[d]), max_size=2) for d in DIMENSIONS}
)


DAYS = [date(2020, 1, 1), date(2023, 6, 30), date(2025, 1, 1)]
NUMBERS: dict[Field, list[int]] = {
    "staff": [0, 20, 300],
    "revenue": [0, 5_000_000, 20_000_000],
    "founded": [(day - date(1970, 1, 1)).days for day in DAYS],
}


@st.composite
def some_requirements(draw: st.DrawFn) -> Requirements:
    found = []
    for field, numbers in NUMBERS.items():
        low = draw(st.sampled_from([-math.inf, *numbers]))
        high = draw(st.sampled_from([math.inf, *numbers]))
        if draw(st.booleans()) and low <= high and (low, high) != (-math.inf, math.inf):
            found.append(Requirement(field, low, high))
    return tuple(found)


@st.composite
def some_ranges(draw: st.DrawFn) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for field, (first, last), values in (
        ("staff", ("min", "max"), NUMBERS["staff"]),
        ("revenue", ("min", "max"), NUMBERS["revenue"]),
        ("founded", ("from", "to"), [day.isoformat() for day in DAYS]),
    ):
        low, high = sorted(draw(st.lists(st.sampled_from(values), min_size=2, max_size=2)))  # type: ignore[type-var]
        ends = {name: end for name, end in ((first, low), (last, high)) if draw(st.booleans())}
        found |= {field: ends} if ends else {}
    return found or None


@st.composite
def some_codes(draw: st.DrawFn) -> dict[str, Any]:
    dimension = draw(st.sampled_from(DIMENSIONS))
    return {dimension: draw(st.lists(st.sampled_from(CODES[dimension]), min_size=1, max_size=2, unique=True))}


@st.composite
def clauses(draw: st.DrawFn) -> dict[str, Any]:
    return draw(some_codes()) | ({"or_unrestricted": True} if draw(st.booleans()) else {})


@st.composite
def some_criteria(draw: st.DrawFn) -> dict[str, Any]:
    conjunction = st.builds(lambda c: {"all": c}, st.lists(clauses(), min_size=1, max_size=3))
    given = {
        "any": draw(st.lists(conjunction, max_size=2)),
        "keywords": draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True)),
        "not": draw(st.lists(some_codes(), max_size=2)),
        "profile": draw(st.none() | some_ranges()),
    }
    if not given["any"] and not given["keywords"]:
        given["keywords"] = [WORDS[0]]
    return Criteria.model_validate(given).plain()  # as the record keeps it


profiles = st.fixed_dictionaries(
    {},
    optional={
        "region": st.none() | st.sampled_from(CODES["region"]),
        "industries": st.lists(st.sampled_from(CODES["industry"]), max_size=2),
        "size": st.none() | st.sampled_from(CODES["size"]),
        "qualifications": st.lists(st.sampled_from(CODES["qualification"]), max_size=2),
        "groups": st.lists(st.sampled_from(CODES["group"]), max_size=2),
        "staff": st.none() | st.sampled_from([*NUMBERS["staff"], 299]),
        "revenue": st.none() | st.sampled_from([*NUMBERS["revenue"], 19_999_999]),
        "founded": st.none() | st.sampled_from([day.isoformat() for day in DAYS] + ["2022-02-28"]),
    },
)
rows = st.builds(
    lambda name, kind, profile, matching, subscriptions: IndexRow(
        subscriber_id=name,
        version=1,
        kind=kind,
        profile=profile,
        profile_matching=matching,
        profile_channels=("space",),
        contacts=(("email", "c-1"), ("space", "space")),
        subscriptions=tuple(
            (f"s-{n}", to_text(criteria), ("email",)) for n, criteria in enumerate(subscriptions)
        ),
    ),
    st.sampled_from([f"S-{n}" for n in range(4)]),
    st.sampled_from(CODES["subject"]),
    profiles,
    st.booleans(),
    st.lists(some_criteria(), max_size=2),
)


def test_the_codes_of_this_test_are_real() -> None:
    assert set(CODES) == set(DIMENSIONS) == set(TAXONOMY.dimensions)
    assert all(TAXONOMY.exists(dimension, code) for dimension, codes in CODES.items() for code in codes)
    assert TAXONOMY.ancestors("region", "440106") == ("440100", "440000", "100000")
    assert TAXONOMY.ancestors("industry", "I6513") == ("I651", "I65", "I")


@settings(max_examples=400, deadline=None)
@given(
    people=st.lists(rows, max_size=4),
    labels=labels_st,
    words=st.lists(st.sampled_from(WORDS), max_size=2),
    asks=some_requirements(),
)
def test_the_index_finds_exactly_whom_the_definitions_name(
    people: list[IndexRow], labels: Labels, words: list[str], asks: Requirements
) -> None:
    text = "，".join(words)
    named = [f"{d}:{c}" for d, codes in labels.items() for c in codes]
    matter = matter_of(named, text, TAXONOMY.ancestors, asks)
    index = ShardIndex(TAXONOMY.ancestors)
    for row in people:
        index.put(row)
    newest = {row.subscriber_id: row for row in people}
    wanted: dict[str, set[str | None]] = {}
    for name, row in newest.items():
        whys: set[str | None] = {
            s
            for s, criteria, _ in row.subscriptions
            if subscription_fits(from_text(criteria), labels, text, asks)
        }
        if row.profile_matching and profile_fits(row.kind, row.profile, labels, asks):
            whys.add(None)
        if whys:
            wanted[name] = whys
    found = {
        match.subscriber_id: {why.subscription_id for _, whys in match.routes for why in whys}
        for match in index.matches(matter)
        if match is not None
    }
    assert found == wanted


@settings(max_examples=150, deadline=None)
@given(row=rows, labels=labels_st, words=st.lists(st.sampled_from(WORDS), max_size=2))
def test_every_reason_is_a_label_of_the_policy_or_a_word_in_it(
    row: IndexRow, labels: Labels, words: list[str]
) -> None:
    text = "，".join(words)
    of_policy = {f"{d}:{c}" for d, codes in labels.items() for c in codes}
    index = ShardIndex(TAXONOMY.ancestors)
    index.put(row)
    for match in index.matches(matter_of(of_policy, text, TAXONOMY.ancestors)):
        for contact, whys in match.routes if match else ():
            assert contact[0] == ("space" if whys[0].subscription_id is None else "email")
            for reason in (reason for why in whys for reason in why.labels):
                assert reason in of_policy or reason.removeprefix("keyword:") in words


def test_a_city_s_policy_reaches_a_district_s_subscriber_but_no_district_s_policy_a_city_s_profile() -> None:
    index = ShardIndex(TAXONOMY.ancestors)
    base = IndexRow("", 1, "enterprise", {}, False, ("space",), (("email", "c"), ("space", "space")), ())
    district = {"any": [{"all": [{"region": ["440106"]}]}]}
    index.put(replace(base, subscriber_id="asks", subscriptions=(("s", to_text(district), ("email",)),)))
    index.put(replace(base, subscriber_id="is", profile={"region": "440100"}, profile_matching=True))

    def reached(code: str) -> set[str]:
        matter = matter_of([f"region:{code}"], "", TAXONOMY.ancestors)
        return {match.subscriber_id for match in index.matches(matter) if match}

    assert reached("440100") == {"asks", "is"}
    assert reached("100000") == {"asks", "is"}
    assert reached("440106") == {"asks"}
    assert reached("440105") == set()


def test_a_number_that_a_firm_does_not_state_shuts_it_out_of_nothing() -> None:
    index = ShardIndex(TAXONOMY.ancestors)
    base = IndexRow("", 1, "enterprise", {}, True, ("space",), (("space", "space"),), ())
    for name, profile in (("small", {"staff": 19}), ("just", {"staff": 20}), ("silent", {"revenue": 1})):
        index.put(replace(base, subscriber_id=name, profile=profile))
    about = {"keywords": ["软件"], "profile": {"staff": {"max": 19}}}
    asks = IndexRow(
        "asks", 1, "enterprise", {}, False, (), base.contacts, (("s", to_text(about), ("space",)),)
    )
    index.put(asks)

    def reached(*requirements: Requirement) -> set[str]:
        matter = matter_of([], "软件", TAXONOMY.ancestors, requirements)
        return {match.subscriber_id for match in index.matches(matter) if match}

    assert reached() == {"small", "just", "silent", "asks"}
    assert reached(Requirement("staff", 20, math.inf)) == {"just", "silent"}
    assert reached(Requirement("staff", -math.inf, 19)) == {"small", "silent", "asks"}


def test_a_subscriber_that_wants_nothing_any_more_is_forgotten() -> None:
    index = ShardIndex(TAXONOMY.ancestors)
    row = IndexRow("S", 1, "enterprise", {}, True, ("space",), (("space", "space"),), ())
    index.put(row)
    assert (len(index), index.contacts("S")) == (1, (("space", "space"),))
    index.put(replace(row, profile_matching=False))
    assert (len(index), index.contacts("S")) == (0, ())
    index.put(row)
    index.remove("S")
    index.remove("S")
    assert len(index) == 0
