"""How large a query, a number or an index may be, and what is refused."""

import numpy as np
import pytest

from streams.matching.packed import Columns, Packed, warm_up
from streams.matching.packed.compiled import fixed
from streams.matching.packed.filing import file_rows
from streams.matching.packed.rows import encode
from streams.matching.packed.words import QUERIES, TOKENS


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    warm_up()


def ask(packed, *tokens):
    return sorted(packed.match(np.array(tokens, np.uint32)).tolist())


def clauses_of(number, codes, first=1):
    """``number`` clauses of ``codes`` tokens each, no token in two of them."""
    return tuple(tuple(range(first + i * codes, first + (i + 1) * codes)) for i in range(number))


@pytest.fixture(params=["delta", "base", "merged", "filed anew", "from arrays"])
def state(request):
    """Bring an index into a state that must not matter."""
    return {
        "delta": lambda packed: packed,
        "base": lambda packed: packed.compacted(),
        "merged": lambda packed: packed.compacted().compacted(),
        "filed anew": lambda packed: packed.compacted().compacted(anew=True),
        "from arrays": lambda packed: Packed.of_arrays(packed.compacted().arrays()),
    }[request.param]


def test_the_largest_query_that_criteria_allow_is_matched_exactly(state):
    # 32 alternatives of 16 clauses of 64 codes, each code with its six ancestors.
    alternatives = [(clauses_of(16, 64 * 7, first=1 + i), (9_000 + i, 9_100 + i)) for i in range(32)]
    packed = Packed()
    packed.add(5, alternatives)
    packed.add(6, [(((1,),), ())])
    packed = state(packed)
    first_of_each = [clause[0] for clause in alternatives[0][0]]
    last_of_each = [clause[-1] for clause in alternatives[31][0]]
    assert ask(packed, *first_of_each) == [5, 6]
    assert ask(packed, *last_of_each) == [5]
    assert ask(packed, *first_of_each[1:]) == []
    assert ask(packed, *last_of_each, 9_031) == []
    assert ask(packed, *last_of_each, 9_030) == [5]


def test_the_largest_query_takes_memory_as_it_is_long_not_as_often_as_it_could_be_filed():
    packed = Packed()
    packed.add(0, [(clauses_of(16, 64 * 7), ())])
    assert packed.compacted().nbytes < 3 * 4 * (16 * 64 * 7) + 50_000 + 8 * 16 * 64 * 7


def test_a_clause_of_hundreds_of_tokens_is_found_by_each_of_them(state):
    packed = Packed()
    packed.add(0, [((tuple(range(1, 700)), tuple(range(1_000, 1_700))), ())])
    packed.add(1, [((tuple(range(1, 20)), tuple(range(1_000, 1_010)), tuple(range(2_000, 2_300))), ())])
    packed = state(packed)
    assert ask(packed, 699, 1_699) == [0]
    assert ask(packed, 350, 1_000) == [0]
    assert ask(packed, 700, 1_000) == []
    assert ask(packed, 19, 1_009, 2_299) == [0, 1]
    assert ask(packed, 19, 1_009, 2_300) == [0]


def test_hundreds_of_excluded_tokens_each_take_it_out(state):
    packed = Packed()
    packed.add(0, [(((1, 2), (3,)), tuple(range(10, 600)))])
    packed.add(1, [(((1, 2), (3,)), (7,))])
    packed = state(packed)
    assert ask(packed, 2, 3) == [0, 1]
    assert ask(packed, 2, 3, 599) == [1]
    assert ask(packed, 2, 3, 10, 7) == []


def test_the_highest_numbers_are_told_apart(state):
    packed = Packed()
    packed.add(2**20, [(((TOKENS - 1,), (TOKENS - 2, 3)), (TOKENS - 3,))])
    packed.add(2**20 + 1, [(((TOKENS - 1,), (TOKENS - 2,)), (3,))])
    packed = state(packed)
    assert ask(packed, TOKENS - 1, 3) == [2**20]
    assert ask(packed, TOKENS - 1, TOKENS - 2) == [2**20, 2**20 + 1]
    assert ask(packed, TOKENS - 1, TOKENS - 2, TOKENS - 3) == [2**20 + 1]
    assert ask(packed, TOKENS - 1, TOKENS, 2**31, 2**32 - 1) == []


@pytest.mark.parametrize("token", [-1, TOKENS, 2**31, 2**32])
def test_a_token_out_of_range_is_refused_and_nothing_is_kept_of_its_query(token):
    packed = Packed()
    for conjunction in [(((1,), (token,)), ()), (((1,),), (token,))]:
        with pytest.raises(ValueError, match="token"):
            packed.add(1, [(((1,),), ()), conjunction])
    assert len(packed) == packed.delta == 0
    assert ask(packed, 1) == []


@pytest.mark.parametrize("query", [-1, QUERIES, 2**32])
def test_a_query_out_of_range_is_refused(query):
    with pytest.raises(ValueError, match="query"):
        Packed().add(query, [])


def test_columns_out_of_range_are_refused():
    with pytest.raises(ValueError, match="token"):
        Packed.build(Columns.of([(1, [(((TOKENS,),), ())])]))
    with pytest.raises(ValueError, match="token"):
        Packed.build(Columns.of([(1, [((), (TOKENS,))])]))
    with pytest.raises(ValueError, match="query"):
        Packed.build(Columns.of([(QUERIES, [((), ())])]))


@pytest.mark.parametrize("name", ["clause_starts", "token_starts", "excluded_starts"])
@pytest.mark.parametrize("fault", ["short", "beyond", "falling"])
def test_columns_that_do_not_fit_each_other_are_refused(name, fault):
    columns = Columns.of([(1, [(((1, 2), (3,)), (4,))]), (2, [(((1,),), (5, 6))])])
    starts = getattr(columns, name).copy()
    if fault == "short":
        starts = starts[:-1]
    elif fault == "beyond":
        starts[-1] += 1
    else:
        starts[1] = starts[-1] + 1
    with pytest.raises(ValueError, match="starts"):
        Packed.build(Columns(**{**vars(columns), name: starts}))


def test_a_number_that_was_removed_is_not_given_to_another_query():
    packed = Packed()
    packed.add(1, [(((1,),), ())])
    packed.remove(1)
    with pytest.raises(ValueError, match="used before"):
        packed.add(1, [(((2,),), ())])
    with pytest.raises(ValueError, match="used before"):
        packed.extend(Columns.of([(1, [(((2,),), ())])]))
    assert ask(packed, 1, 2) == []


def test_many_at_once_are_refused_where_one_of_them_is_there():
    packed = Packed()
    packed.add(1, [(((1,),), ())])
    with pytest.raises(ValueError, match="used before"):
        packed.extend(Columns.of([(0, [(((2,),), ())]), (1, [(((2,),), ())])]))
    assert ask(packed, 1, 2) == [1]
    assert len(packed) == 1


def test_an_index_of_nothing_answers_nothing(state):
    packed = state(Packed())
    assert ask(packed) == ask(packed, 0, 1, 2**32 - 1) == []
    assert len(packed) == 0
    assert Packed.build(Columns.of([])).nbytes < 10_000


def test_what_was_removed_takes_no_room_after_compaction():
    packed = Packed.build(Columns.of((i, [(((i, i + 1), (i + 2,)), (i + 3,))]) for i in range(1, 2_000)))
    whole = packed.nbytes
    for i in range(1, 1_990):
        packed.remove(i)
    for anew in (False, True):
        small = packed.compacted(anew=anew)
        assert len(small) == 10
        assert small.arrays()["base_words"].nbytes < 1_000
        assert small.nbytes < whole / 2
        assert ask(small, 1_995, 1_996) == [1_994]
        assert ask(small, 1_985, 1_986) == []


@pytest.mark.parametrize("name", ["base_starts", "base_seconds", "base_runs", "base_words"])
def test_arrays_that_lost_their_end_are_refused(name):
    arrays = Packed.build(Columns.of((i, [(((i,), (i + 1,)), ())]) for i in range(1, 50))).arrays()
    with pytest.raises(ValueError, match="fit each other"):
        Packed.of_arrays({**arrays, name: arrays[name][:-1]})
    with pytest.raises(KeyError):
        Packed.of_arrays({other: values for other, values in arrays.items() if other != name})


def test_a_row_that_is_newer_than_the_bits_of_the_living_is_left_out():
    beyond = np.full(4_096, 255, np.uint8)  # whoever read past the end of the bits would find it alive
    bits = fixed(beyond[:128], np.uint8)
    rows = fixed(np.concatenate([encode(number, [(((1,),), ())]) for number in (3, 8 * 128)]), np.uint32)
    assert file_rows(rows, bits, np.ones(2)).words.tolist() == [3]
