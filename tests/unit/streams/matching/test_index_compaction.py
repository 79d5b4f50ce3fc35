"""An index is built anew while it is asked and changed, and nothing of that is lost."""

import asyncio
import threading
from dataclasses import replace
from random import Random

import pytest

from config.database.jsontext import to_text
from config.taxonomies import load_taxonomy
from streams.matching import index
from streams.matching.index import ShardIndex
from streams.matching.keeping import compaction
from streams.matching.keeping.compaction import Compaction, Loading, compact, index_of
from streams.matching.matter import Matter, matter_of
from streams.matching.queries import queries
from subscribers.shards import IndexRow

TAXONOMY = load_taxonomy()
ANCESTORS = TAXONOMY.ancestors
THEMES = list(TAXONOMY.codes["theme"])
ROW = IndexRow("S", 3, "enterprise", {}, False, ("space",), (("space", "space"),), ())


def asks(name: str, theme: str, *words: str) -> IndexRow:
    criteria = {"any": [{"all": [{"theme": [theme]}]}]} | ({"keywords": list(words)} if words else {})
    return replace(ROW, subscriber_id=name, subscriptions=(("s", to_text(criteria), ("space",)),))


def about(*themes: str) -> Matter:
    return matter_of([f"theme:{theme}" for theme in themes], "词一", ANCESTORS)


def found_by(index: ShardIndex, matter: Matter) -> list[str]:
    return sorted(match.subscriber_id for match in index.matches(matter) if match)


def test_changes_while_it_is_built_are_in_both() -> None:
    old = index_of([asks(f"S-{n}", THEMES[n % 3]) for n in range(9)], ANCESTORS)
    work = Compaction(old)
    old.remove("S-0")
    old.put(asks("S-1", THEMES[4], "词一"))
    work.build()
    old.put(asks("S-9", THEMES[4], "词一"))
    old.put(asks("S-10", THEMES[5]))
    old.remove("S-10")
    new = work.finish()
    for theme in THEMES[:6]:
        assert found_by(new, about(theme)) == found_by(old, about(theme))
    assert found_by(new, about(THEMES[4])) == ["S-1", "S-9"]
    assert len(new) == len(old) == 9


def test_a_query_that_nobody_had_any_more_when_it_began_may_come_back_before_it_ends() -> None:
    old = index_of([asks("S-1", THEMES[0]), asks("S-2", THEMES[1])], ANCESTORS)
    old.remove("S-1")
    work = Compaction(old)
    old.put(asks("S-3", THEMES[0]))
    work.build()
    old.put(asks("S-4", THEMES[0]))
    assert found_by(old, about(THEMES[0])) == found_by(work.finish(), about(THEMES[0])) == ["S-3", "S-4"]


def test_who_changes_twice_before_it_is_built_wants_only_the_last() -> None:
    others = [asks(f"S-{n}", THEMES[n], "别的") for n in (4, 5)]  # so that the tokens are known before
    old = index_of([asks("S-1", THEMES[0]), *others], ANCESTORS)
    work = Compaction(old)
    old.put(asks("S-1", THEMES[4]))
    old.put(asks("S-1", THEMES[5]))
    work.build()
    new = work.finish()
    assert [found_by(new, about(THEMES[n])) for n in (0, 4, 5)] == [[], [], ["S-1"]]


@pytest.mark.parametrize("waste", [-1000, 1000])
def test_it_is_built_in_a_thread_beside_hundreds_of_changes_and_questions(
    waste: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WASTE", waste)  # with new numbers for the queries, and with the old ones
    random = Random(7)
    index = ShardIndex(ANCESTORS)
    newest: dict[str, IndexRow] = {}

    def change() -> None:
        name = f"S-{random.randrange(300)}"
        if random.random() < 0.2:
            index.remove(name)
            newest.pop(name, None)
        else:
            newest[name] = asks(
                name, random.choice(THEMES), *(f"词{random.randrange(500)}",) * random.randrange(2)
            )
            index.put(newest[name])

    for _ in range(500):
        change()
    for _ in range(5):
        work = Compaction(index)
        thread = threading.Thread(target=work.build)
        thread.start()
        while thread.is_alive():
            change()
            index.wanted(about(random.choice(THEMES)))
        thread.join()
        change()
        index = work.finish()
        rebuilt = index_of(newest.values(), ANCESTORS)
        for theme in THEMES:
            assert found_by(index, about(theme)) == found_by(rebuilt, about(theme))


async def test_one_that_fails_leaves_the_old_one_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    old = index_of([asks("S-1", THEMES[0])], ANCESTORS)

    def fail(work: Compaction) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(compaction.Compaction, "build", fail)
        with pytest.raises(MemoryError):
            await compact(old)
    old.put(asks("S-2", THEMES[0]))
    assert found_by(await compact(old), about(THEMES[0])) == ["S-1", "S-2"]


async def test_it_is_built_anew_while_the_loop_goes_on() -> None:
    old = index_of([asks("S-1", THEMES[0])], ANCESTORS)
    building = asyncio.create_task(compact(old))
    await asyncio.sleep(0)
    old.put(asks("S-2", THEMES[0]))
    assert found_by(await building, about(THEMES[0])) == ["S-1", "S-2"]


def test_nobody_builds_what_somebody_is_building() -> None:
    old = index_of([asks("S-1", THEMES[0])], ANCESTORS)
    work = Compaction(old)
    with pytest.raises(RuntimeError, match="already"):
        Compaction(old)
    with pytest.raises(RuntimeError, match="after it was built"):
        work.finish()
    work.abandon()
    Compaction(old).abandon()


def test_it_is_due_after_many_changes_and_not_while_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "LEAST", 3)
    held = ShardIndex(ANCESTORS)
    due = []
    for n in range(4):
        held.put(asks(f"S-{n}", THEMES[0]))
        due.append(held.needs_compaction)
    assert due == [False, False, False, True]
    work = Compaction(held)
    assert not held.needs_compaction
    work.build()
    assert not work.finish().needs_compaction


def test_who_is_loaded_twice_counts_as_it_came_last() -> None:
    loading = Loading(ANCESTORS)
    loading.add(asks("S-1", THEMES[0]))
    loading.add(asks("S-1", THEMES[1]))
    held = loading.done()
    assert (found_by(held, about(THEMES[0])), found_by(held, about(THEMES[1]))) == ([], ["S-1"])


def test_a_policy_that_is_asked_about_sees_the_index_as_it_was() -> None:
    held = index_of([asks(f"S-{n}", THEMES[0]) for n in range(3)], ANCESTORS)
    going = held.matches(about(THEMES[0]))
    assert next(going) is None
    held.remove("S-2")
    held.put(asks("S-3", THEMES[0]))
    assert sorted(match.subscriber_id for match in going if match) == ["S-0", "S-1", "S-2"]


def test_callers_may_rest_between_a_thousand_matches() -> None:
    held = index_of([asks(f"S-{n}", THEMES[0]) for n in range(3000)], ANCESTORS)
    for n in range(3000, 6000):
        held.put(asks(f"S-{n}", THEMES[0]))
    run, longest, count = 0, 0, 0
    for match in held.matches(about(THEMES[0])):
        run = run + 1 if match else 0
        longest, count = max(longest, run), count + (match is not None)
    assert (count, longest <= 1024) == (6000, True)
