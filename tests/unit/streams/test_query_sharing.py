import pytest

from streams.matching import query
from streams.matching.query import explicit_query


def criteria(theme: str) -> dict[str, object]:
    return {"any": [{"all": [{"theme": [theme]}]}]}


def test_equal_clauses_are_kept_once() -> None:
    one, other = (explicit_query(criteria("T07"), lambda dimension, code: ()) for _ in range(2))
    assert one.alternatives[0][0] is other.alternatives[0][0]


def test_clauses_that_nobody_uses_any_more_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MOST_SHARED", 10)
    monkeypatch.setattr(query, "_shared", {})
    kept = explicit_query(criteria("T07"), lambda dimension, code: ())
    for number in range(100):
        explicit_query(criteria(f"X{number}"), lambda dimension, code: ())
        assert len(query._shared) <= 10
    assert kept.alternatives == (((frozenset({"under:theme:T07"})),),)
