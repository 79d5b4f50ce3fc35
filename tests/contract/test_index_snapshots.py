"""Snapshots of shards: however a shard came into memory, it is what the record says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import delete, update

from config.database.schema import contacts, subscribers, subscriptions
from streams.matching.keeping import catching_up, loading, tending
from streams.matching.keeping.compaction import Compaction
from streams.matching.keeping.loaded import Loaded
from streams.matching.keeping.shelf import MANIFEST, Shelf, lying
from streams.matching.shards import Shards
from subscribers.model import PENDING, shard_of
from subscribers.registry import erase, opt_out
from subscribers.suppression import suppress
from tests.support.flow import NOW, SHARDS, Flow
from tests.support.indexes import told_by

HOUSE = {"house": "tests"}
SHARD = shard_of("S-1", SHARDS)
ONE_SHARD = [name for name in (f"S-{n}" for n in range(200)) if shard_of(name, SHARDS) == SHARD]


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tending, "WORTH_KEEPING", 1)
    monkeypatch.setattr(catching_up, "WIDE", 6)
    monkeypatch.setattr(catching_up, "PAGE", 2)  # so that a dozen people are several stretches


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "index", HOUSE, least=1)


def started(flow: Flow, shelf: Shelf | None) -> Shards:
    """A worker that has just started."""
    return Shards(flow.record, flow.desk.taxonomy.ancestors, flow.log.highwater, shelf)


async def told(shards: Shards, shard: int = SHARD) -> Any:
    return told_by(await shards.caught_up(shard, 0))


async def kept(flow: Flow, shelf: Shelf, *people: str) -> None:
    """Have some subscribers and a snapshot of them."""
    for who in people or ONE_SHARD[:12]:
        await flow.subscriber(who)
    shards = started(flow, shelf)
    await shards.assign(range(SHARDS))
    await shards.close()


async def as_read_anew(flow: Flow, shelf: Shelf, shard: int = SHARD) -> Any:
    """What a worker that starts from its snapshots knows, which must be what one knows that has none."""
    fresh = await told(started(flow, None), shard)
    assert await told(started(flow, shelf), shard) == fresh
    return fresh


def reading(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Who is read from the record from now on; None for a whole shard."""
    seen: list[str | None] = []
    for module in (loading, catching_up):
        real = module.load_shard

        async def read(conn: Any, shard: int, *, ids: Any = None, real: Any = real) -> AsyncIterator[Any]:
            seen.extend([None] if ids is None else ids)
            async for row in real(conn, shard, ids=ids):
                yield row

        monkeypatch.setattr(module, "load_shard", read)
    return seen


# -- starting --------------------------------------------------------------------------------------------------------


async def test_a_start_from_a_snapshot_reads_nobody_where_nobody_changed(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    before = await told(started(flow, None))
    read = reading(monkeypatch)
    assert await told(started(flow, shelf)) == before
    assert len(before) == 12
    assert read == []


async def test_only_who_changed_is_read_by_a_start_from_a_snapshot(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    old, new, never_announced = ONE_SHARD[0], ONE_SHARD[17], ONE_SHARD[1]
    await flow.announce(await flow.subscriber(old, {"any": [{"all": [{"industry": "C39"}]}]}))
    await flow.subscriber(new)
    async with flow.record.write() as conn:
        await opt_out(conn, never_announced, "channel:email", via="link", now=NOW)
    read = reading(monkeypatch)
    shards = started(flow, shelf)
    after = await told(shards)
    assert sorted(map(str, read)) == sorted([old, new, never_announced])
    assert after == await told(started(flow, None))


async def test_who_was_erased_or_left_while_the_service_was_down_is_dropped(flow: Flow, shelf: Shelf) -> None:
    await kept(flow, shelf)
    async with flow.record.write() as conn:
        await erase(conn, ONE_SHARD[0], now=NOW, actor="tests")
        await opt_out(conn, ONE_SHARD[1], "all", via="link", now=NOW)
    assert set(await as_read_anew(flow, shelf)) == set(ONE_SHARD[2:12])


async def test_a_suppression_while_the_service_was_down_is_seen(flow: Flow, shelf: Shelf) -> None:
    await kept(flow, shelf)
    who = ONE_SHARD[0]
    before = (await told(started(flow, shelf)))[who]
    async with flow.record.write() as conn:
        await suppress(conn, flow.desk.vault, "email", f"{who.lower()}@example.com", reason="550", now=NOW)
    assert (await as_read_anew(flow, shelf))[who] != before


async def test_a_row_that_somebody_took_out_by_hand_is_dropped(flow: Flow, shelf: Shelf) -> None:
    await kept(flow, shelf)
    async with flow.record.write() as conn:
        for table in (contacts, subscriptions, subscribers):
            await conn.execute(delete(table).where(table.c.subscriber_id == ONE_SHARD[0]))
    assert set(await as_read_anew(flow, shelf)) == set(ONE_SHARD[1:12])


async def test_a_sign_up_that_vanishes_does_not_hide_who_came(flow: Flow, shelf: Shelf) -> None:
    waiting, new = ONE_SHARD[18], ONE_SHARD[19]
    await flow.subscriber(waiting)
    async with flow.record.write() as conn:
        pending = update(subscribers).where(subscribers.c.subscriber_id == waiting)
        await conn.execute(pending.values(status=PENDING))
    await kept(flow, shelf)
    async with flow.record.write() as conn:
        for table in (contacts, subscriptions, subscribers):
            await conn.execute(delete(table).where(table.c.subscriber_id == waiting))
    await flow.subscriber(new)  # the same versions, at the same moment
    assert new in await as_read_anew(flow, shelf)


async def test_another_change_under_the_same_version_is_seen(flow: Flow, shelf: Shelf) -> None:
    # As after a restore: the record is back at an older version, and the next change has the number of the lost one.
    await kept(flow, shelf)
    who = ONE_SHARD[0]
    async with flow.record.write() as conn:
        back = update(subscribers).where(subscribers.c.subscriber_id == who)
        await conn.execute(back.values(version=subscribers.c.version - 1))
    flow.clock.advance(timedelta(minutes=5))
    async with flow.record.write() as conn:
        await opt_out(conn, who, "channel:email", via="link", now=flow.clock.now())
    assert who in await as_read_anew(flow, shelf)


async def test_where_most_have_changed_all_are_read_at_one_go(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    for who in ONE_SHARD[2:9]:
        await flow.subscriber(who, {"any": [{"all": [{"industry": "C39"}]}]})
    read = reading(monkeypatch)
    after = await told(started(flow, shelf))
    assert read == [None]
    assert after == await told(started(flow, None))


async def test_a_record_that_goes_away_during_a_start_does_no_harm(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    await flow.subscriber(ONE_SHARD[0], {"any": [{"all": [{"industry": "C39"}]}]})
    async with flow.record.write() as conn:
        await opt_out(conn, ONE_SHARD[1], "all", via="link", now=NOW)
    real = catching_up.load_shard

    async def away(*args: Any, **named: Any) -> AsyncIterator[Any]:
        async for row in real(*args, **named):
            yield row
            raise ConnectionError("the record is away")

    shards = started(flow, shelf)
    monkeypatch.setattr(catching_up, "load_shard", away)
    with pytest.raises(ConnectionError):
        await shards.assign([SHARD])
    monkeypatch.setattr(catching_up, "load_shard", real)
    await shards.assign([SHARD])
    assert await told(shards) == await told(started(flow, None))


# -- snapshots that are not used --------------------------------------------------------------------------------------


def flip_a_bit(place: Path) -> None:
    largest = max(place.rglob("*.npy"), key=lambda file: file.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[-1] ^= 4
    largest.write_bytes(content)


def cut_short(place: Path) -> None:
    file = next((place / "index").glob("*.npy"))
    file.write_bytes(file.read_bytes()[:-3])


def lose_a_file(place: Path) -> None:
    next((place / "held").glob("*.npy")).unlink()


def garble_the_manifest(place: Path) -> None:
    (place / MANIFEST).write_bytes(b"\xff{")


def empty_the_manifest(place: Path) -> None:
    (place / MANIFEST).write_bytes(b"[]")


@pytest.mark.parametrize(
    "damage", [flip_a_bit, cut_short, lose_a_file, garble_the_manifest, empty_the_manifest]
)
async def test_a_damaged_snapshot_is_told_of_and_read_from_the_record(
    flow: Flow,
    shelf: Shelf,
    damage: Callable[[Path], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await kept(flow, shelf)
    damage(shelf.directory / f"shard-{SHARD:04}")
    read = reading(monkeypatch)
    after = await told(started(flow, shelf))
    assert read == [None]
    said = capsys.readouterr()
    assert "snapshot.not_used" in said.out + said.err
    assert after == await told(started(flow, None))


@pytest.mark.parametrize("origin", [{"house": "another"}, HOUSE | {"shards": 8}, HOUSE | {"program": "2"}])
async def test_a_snapshot_of_another_origin_is_not_used(
    flow: Flow, shelf: Shelf, origin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    read = reading(monkeypatch)
    await told(started(flow, Shelf(shelf.directory, origin, least=1)))
    assert read == [None]


async def test_a_snapshot_under_another_shards_name_is_not_used(flow: Flow, shelf: Shelf) -> None:
    await kept(flow, shelf, *(f"S-{n}" for n in range(20)))
    other = (SHARD + 1) % SHARDS
    shelf.drop(other)
    (shelf.directory / f"shard-{SHARD:04}").rename(shelf.directory / f"shard-{other:04}")
    assert set(await as_read_anew(flow, shelf, other)) == {
        name for name in (f"S-{n}" for n in range(20)) if shard_of(name, SHARDS) == other
    }


async def test_a_directory_that_cannot_be_written_to_is_told_of_and_no_harm(
    flow: Flow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a directory")
    shelf = Shelf(tmp_path / "file", HOUSE, least=1)
    await kept(flow, shelf)
    said = capsys.readouterr()
    assert "snapshot.not_written" in said.out + said.err
    assert len(await as_read_anew(flow, shelf)) == 12


# -- when they are written --------------------------------------------------------------------------------------------


async def test_there_is_one_snapshot_a_shard_however_often_it_is_written(flow: Flow, shelf: Shelf) -> None:
    for _ in range(3):
        await kept(flow, shelf, *ONE_SHARD[:3])
    assert [one.shard for one in lying(shelf.directory)] == [SHARD]
    assert [place.name for place in shelf.directory.iterdir()] == [f"shard-{SHARD:04}"]
    assert shelf.directory.stat().st_mode & 0o077 == 0


async def test_a_small_shard_is_not_kept(flow: Flow, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "index", HOUSE, least=4)
    await kept(flow, shelf, *ONE_SHARD[:3])
    assert lying(shelf.directory) == []
    await kept(flow, shelf, *ONE_SHARD[:4])
    assert [one.shard for one in lying(shelf.directory)] == [SHARD]


async def test_a_stop_keeps_what_changed_and_leaves_the_rest_as_it_lies(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf, *(f"S-{n}" for n in range(40)))
    first = {one.shard: one.written_at for one in lying(shelf.directory)}
    shards = started(flow, shelf)
    await shards.assign(range(SHARDS))
    await flow.announce(await flow.subscriber("S-1", {"any": [{"all": [{"industry": "C39"}]}]}))
    await shards.apply(SHARD, 0, "S-1")
    await shards.close()
    then = {one.shard: one.written_at for one in lying(shelf.directory)}
    assert {shard for shard in then if then[shard] > first[shard]} == {SHARD}
    read = reading(monkeypatch)
    await told(started(flow, shelf))
    assert read == []


async def test_a_stop_without_time_keeps_nothing_and_the_next_start_catches_up(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(flow, shelf)
    shards = started(flow, shelf)
    await shards.assign([SHARD])
    await flow.subscriber(ONE_SHARD[16])
    await shards.apply(SHARD, 0, ONE_SHARD[16])
    monkeypatch.setattr("streams.matching.shards.STOP_S", -1.0)
    await shards.close()
    read = reading(monkeypatch)
    await told(started(flow, shelf))
    assert read == [ONE_SHARD[16]]


async def test_what_changes_while_an_index_is_built_anew_is_in_the_new_one_and_missed_by_its_snapshot_alone(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ONE_SHARD[:6]:
        await flow.subscriber(who)
    shards = started(flow, shelf)
    await shards.assign([SHARD])
    loaded: Loaded = shards._loaded[SHARD]
    before, at_work, go_on = loaded.index, Event(), Event()
    real = Compaction.build

    def slow(work: Compaction) -> Any:
        built = real(work)
        at_work.set()
        assert go_on.wait(10)
        return built

    monkeypatch.setattr(Compaction, "build", slow)
    renewing = asyncio.create_task(shards._tending.renew(SHARD, loaded))
    await asyncio.to_thread(at_work.wait, 10)
    await flow.subscriber(ONE_SHARD[0], {"any": [{"all": [{"industry": "C39"}]}]})
    await flow.subscriber(ONE_SHARD[7])
    async with flow.record.write() as conn:
        await erase(conn, ONE_SHARD[1], now=NOW, actor="tests")
    changed = {ONE_SHARD[0], ONE_SHARD[1], ONE_SHARD[7]}
    await shards.apply(SHARD, 0, *sorted(changed))
    assert await told(shards) == await told(started(flow, None))  # the old one is asked meanwhile
    go_on.set()
    await renewing
    assert loaded.index is not before
    assert await told(shards) == await told(started(flow, None))
    read = reading(monkeypatch)
    assert await told(started(flow, shelf)) == await told(shards)
    assert set(read) == changed


async def test_an_index_is_built_anew_by_itself_once_much_has_changed(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.matching.index.LEAST", 3)
    shards = started(flow, shelf)
    await shards.assign([SHARD])
    before = shards._loaded[SHARD].index
    for offset, who in enumerate(ONE_SHARD[:6]):
        await flow.subscriber(who)
        await shards.apply(SHARD, offset, who)
    async with asyncio.timeout(60):
        while shards._loaded[SHARD].index is before or not lying(shelf.directory):
            await asyncio.sleep(0.01)
    assert await told(shards) == await told(started(flow, None))
    await shards.close()


async def test_a_failed_building_leaves_the_old_index_at_work(
    flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("streams.matching.index.LEAST", 1)
    shards = started(flow, shelf)
    await shards.assign([SHARD])

    def fails(work: Compaction) -> Any:
        raise MemoryError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(Compaction, "build", fails)
        for offset, who in enumerate(ONE_SHARD[:4]):
            await flow.subscriber(who)
            await shards.apply(SHARD, offset, who)
        await asyncio.sleep(0.1)
    said = capsys.readouterr()
    assert "index.not_compacted" in said.out + said.err
    assert await told(shards) == await told(started(flow, None))
    await shards.close()
    assert len(await as_read_anew(flow, shelf)) == 4
