import pytest

from config.database.jsontext import to_text
from streams.matching import query
from streams.matching.people.wishes import query_from
from streams.matching.query import explicit_query, profile_query


def criteria(theme: str) -> dict[str, object]:
    return {"any": [{"all": [{"theme": [theme]}]}]}


def test_equal_clauses_are_kept_once() -> None:
    one, other = (explicit_query(criteria("T07"), lambda dimension, code: ()) for _ in range(2))
    assert one.alternatives[0][0] is other.alternatives[0][0]


def test_equal_criteria_are_put_together_once_for_all_who_have_them() -> None:
    asked: list[str] = []

    def ancestors(dimension: str, code: str) -> tuple[str, ...]:
        asked.append(code)
        return ()

    text = to_text(criteria("T07"))
    assert query_from(text, ancestors) is query_from(text, ancestors)
    assert asked == ["T07"]
    assert query_from(text, ancestors) == explicit_query(criteria("T07"), ancestors)


def test_profiles_share_the_clauses_that_they_have_in_common() -> None:
    def ancestors(dimension: str, code: str) -> tuple[str, ...]:
        return ("100000",) if dimension == "region" else ()

    one = profile_query("enterprise", {"region": "310118", "staff": 1, "industries": ["I65"]}, ancestors)
    other = profile_query("enterprise", {"region": "310118", "staff": 2, "industries": ["C39"]}, ancestors)
    same = [mine is theirs for mine, theirs in zip(one.alternatives[0], other.alternatives[0], strict=True)]
    assert same == [True, True, False, True]
    assert one.alternatives[0][1] == {"none:region", "at:region:310118", "at:region:100000"}


def test_clauses_that_nobody_uses_any_more_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MOST_SHARED", 10)
    monkeypatch.setattr(query, "_shared", {})
    kept = explicit_query(criteria("T07"), lambda dimension, code: ())
    for number in range(100):
        explicit_query(criteria(f"X{number}"), lambda dimension, code: ())
        assert len(query._shared) <= 10
    assert kept.alternatives == (((frozenset({"under:theme:T07"})),),)
