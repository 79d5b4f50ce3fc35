"""The packed index against its definition, evaluated naively: whatever the queries are, however it came about."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.matching.packed import Columns, Conjunction, Packed, warm_up

FEW = 9  # tokens: few enough that chance makes them meet
UNKNOWN = [50, 4_000, 2**24, 2**31, 2**32 - 1]

tokens = st.integers(0, FEW)
clause = st.lists(tokens, max_size=4).map(tuple)  # empty ones and repetitions included
conjunction = st.tuples(st.lists(clause, max_size=5).map(tuple), st.lists(tokens, max_size=2).map(tuple))
query = st.lists(conjunction, max_size=4)
asked = st.lists(st.one_of(tokens, st.sampled_from(UNKNOWN)), max_size=8)
weights = st.none() | st.lists(st.floats(0, 100), max_size=FEW + 3).map(
    lambda some: np.array(some, np.float64)
)


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    warm_up()


def holds(conjunctions: Sequence[Conjunction], have: set[int]) -> bool:
    return any(
        all(not have.isdisjoint(clause) for clause in clauses) and have.isdisjoint(excluded)
        for clauses, excluded in conjunctions
    )


def wanted(queries: Mapping[int, Sequence[Conjunction]], have: Sequence[int]) -> list[int]:
    return sorted(number for number, of in queries.items() if holds(of, {0, *have}))


def found(packed: Packed, have: Sequence[int]) -> list[int]:
    answer = packed.match(np.array(have, np.uint32))
    assert answer.dtype == np.uint32
    return sorted(answer.tolist())


@settings(deadline=None)
@given(st.lists(query, max_size=20), st.lists(asked, max_size=5), weights)
def test_a_built_index_answers_as_its_queries_are_defined(some, asks, weights):
    queries = {number: of for number, of in enumerate(some) if of}
    packed = Packed.build(Columns.of(queries.items()), weights)
    assert len(packed) == len(queries)
    assert packed.delta == 0
    for have in asks:
        assert found(packed, have) == wanted(queries, have)


@settings(deadline=None)
@given(st.lists(query, max_size=20), asked)
def test_added_one_by_one_or_all_at_once_is_the_same(some, have):
    one_by_one, at_once = Packed(), Packed()
    for number, of in enumerate(some):
        one_by_one.add(number, of)
    at_once.extend(Columns.of(enumerate(some)))
    assert found(one_by_one, have) == found(at_once, have) == wanted(dict(enumerate(some)), have)


@pytest.mark.parametrize("way", ["delta", "base"])
@pytest.mark.parametrize(
    ("conjunctions", "have", "expected"),
    [
        pytest.param([((), ())], [], True, id="without clauses it always holds"),
        pytest.param([((), (3,))], [3], False, id="without clauses it is taken out by what it excludes"),
        pytest.param([((), (3,))], [4], True, id="without clauses it stays where nothing excluded is there"),
        pytest.param([], [1, 2, 3], False, id="without conjunctions it never holds"),
        pytest.param([((), (0,))], [], False, id="excluding what is always there it never holds"),
        pytest.param([(((1,), ()), ())], [1], False, id="an empty clause never holds"),
        pytest.param(
            [(((1,), ()), ()), (((2,),), ())], [2], True, id="beside an impossible one the other holds"
        ),
        pytest.param([(((0,), (1,)), ())], [1], True, id="token 0 is always there"),
        pytest.param([(((0, 5), (0,), (1,)), ())], [1], True, id="a clause with token 0 is no condition"),
        pytest.param([(((1, 1, 1), (2, 2)), ())], [1, 2], True, id="a token may be repeated in a clause"),
        pytest.param([(((1, 2), (1, 3), (1, 4)), ())], [1], True, id="one token may satisfy every clause"),
        pytest.param([(((1,), (2,)), (1,))], [1, 2], False, id="what is asked for and excluded never holds"),
        pytest.param([(((1,), (2,), (3,)), (4, 5))], [1, 2, 3, 5], False, id="one excluded token is enough"),
    ],
)
def test_the_corners_of_the_definition(way, conjunctions, have, expected):
    packed = Packed()
    packed.add(7, conjunctions)
    if way == "base":
        packed = packed.compacted()
    assert found(packed, have) == ([7] if expected else [])
    assert len(packed) == 1


def test_a_query_that_holds_in_many_ways_is_told_once():
    of = [(((1, 2, 3), (1, 2, 3), (4, 5)), ()), (((1, 2),), ()), ((), ())]
    packed = Packed.build(Columns.of([(3, of)]))
    packed.add(4, of)
    assert found(packed, [1, 2, 3, 4, 5]) == [3, 4]
    assert found(packed, [1, 1, 2, 1]) == [3, 4]


class Life(RuleBasedStateMachine):
    """An index through additions, removals, compactions, files and restarts, beside a dictionary."""

    def __init__(self):
        super().__init__()
        self.packed = Packed()
        self.queries: dict[int, Sequence[Conjunction]] = {}
        self.next = 0

    @initialize(some=st.lists(query, max_size=15), weights=weights)
    def built(self, some, weights):
        self.queries = {number: of for number, of in enumerate(some) if of}
        self.packed = Packed.build(Columns.of(self.queries.items()), weights)
        self.next = len(some)

    @rule(of=query, leap=st.sampled_from([0, 0, 0, 1, 3000]))
    def add(self, of, leap):
        number = self.next + leap
        self.packed.add(number, of)
        self.queries[number] = of
        self.next = number + 1

    @rule(some=st.lists(query.filter(bool), min_size=1, max_size=5))
    def extend(self, some):
        many = dict(enumerate(some, self.next))
        self.packed.extend(Columns.of(many.items()))
        self.queries.update(many)
        self.next += len(some)

    @precondition(lambda self: self.queries)
    @rule(data=st.data())
    def remove(self, data):
        number = data.draw(st.sampled_from(sorted(self.queries)))
        self.packed.remove(number)
        self.packed.remove(number)
        del self.queries[number]

    @precondition(lambda self: self.queries)
    @rule(data=st.data(), of=query)
    def add_again(self, data, of):
        self.packed.add(data.draw(st.sampled_from(sorted(self.queries))), of)  # left as it is

    @rule(weights=weights, anew=st.booleans())
    def compact(self, weights, anew):
        self.packed = self.packed.compacted(weights, anew=anew)
        assert self.packed.delta == 0

    @rule(way=st.sampled_from(["r", "c"]))
    def restart(self, way):
        arrays = {name: values.copy() for name, values in self.packed.arrays().items()}
        for values in arrays.values():
            values.flags.writeable = way == "c"
        delta = self.packed.delta
        self.packed = Packed.of_arrays(arrays)
        assert self.packed.delta == delta

    @rule(have=asked)
    def ask(self, have):
        assert found(self.packed, have) == wanted(self.queries, have)

    @invariant()
    def everybody_is_counted(self):
        assert len(self.packed) == len(self.queries)

    def teardown(self):
        for have in ([], list(range(FEW + 1)), [1, 3, 5, 7, 9], [2, 4, 6, 8]):
            assert found(self.packed, have) == wanted(self.queries, have)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
