"""The enterprise space on both databases: kept once, read once, announced."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from channels.errors import ContentError, PermanentError, TemporaryError
from channels.inbox import acknowledge, mark_read, messages, unread_count
from channels.message import Receipt
from channels.space import SpaceChannel
from channels.writing.check import adopt
from channels.writing.render import use_office
from config.database.record import Record, open_record
from config.database.schema import deliveries
from tests.servers.messages import AT, EXPLICIT, PROFILE, content, message


class Announcements:
    """Remembers who was announced."""

    def __init__(self) -> None:
        self.seen: list[Sequence[str]] = []

    async def __call__(self, subscriber_ids: Sequence[str]) -> None:
        self.seen.append(subscriber_ids)


async def plan(record: Record, number: int) -> None:
    async with record.write() as conn:
        await conn.execute(
            insert(deliveries),
            {
                "delivery_id": message(number).delivery_id,
                "campaign_id": "c",
                "shard": 0,
                "subscriber_id": f"ent-{number}",
                "channel": "space",
                "contact_id": "space",
                "reasons": [],
                "state": "delivered",
                "attempts": 1,
                "due_at": AT,
                "planned_at": AT,
            },
        )


async def test_an_inbox_shows_what_was_sent_with_its_reasons(record: Record) -> None:
    announced = Announcements()
    await SpaceChannel(record, announced).send([message(1), message(2)])
    async with record.read() as conn:
        (shown,) = await messages(conn, "ent-1")
        assert await unread_count(conn, "ent-1") == 1
    assert shown.title == message(1).content.title
    assert shown.reasons == (EXPLICIT, PROFILE)
    assert (shown.at, shown.read_at, shown.acknowledged_at) == (AT, None, None)
    assert announced.seen == [["ent-1", "ent-2"]]


async def test_a_repetition_neither_doubles_nor_unreads_a_message(record: Record) -> None:
    channel = SpaceChannel(record, Announcements())
    await channel.send([message(1), message(1)])
    async with record.write() as conn:
        await mark_read(conn, "ent-1", message(1).delivery_id, AT)
    await channel.send([message(1)])
    async with record.read() as conn:
        assert [shown.read_at for shown in await messages(conn, "ent-1")] == [AT]
        assert await unread_count(conn, "ent-1") == 0


async def test_pages_join_without_gap_though_a_whole_batch_has_one_time(record: Record) -> None:
    batch = [replace(message(n), subscriber_id="ent-1") for n in range(25)]
    later = replace(message(99), subscriber_id="ent-1", at=AT + timedelta(seconds=1))
    await SpaceChannel(record, Announcements()).send([*batch, later])
    seen: list[str] = []
    before = None
    async with record.read() as conn:
        while page := await messages(conn, "ent-1", before=before, limit=7):
            seen += [shown.message_id for shown in page]
            before = page[-1].message_id
            assert len(seen) <= 26
        assert await messages(conn, "ent-1", before="unknown") == []
    assert seen == [message(n).delivery_id for n in [99, *range(24, -1, -1)]]


async def test_the_first_reading_counts_in_the_inbox_and_in_the_ledger(record: Record) -> None:
    await plan(record, 1)
    await SpaceChannel(record, Announcements()).send([message(1)])
    for minutes in (5, 10):
        async with record.write() as conn:
            assert await mark_read(conn, "ent-1", message(1).delivery_id, AT + timedelta(minutes=minutes))
    async with record.read() as conn:
        (shown,) = await messages(conn, "ent-1")
        ledger = (await conn.execute(select(deliveries.c.read_at))).scalar_one()
    assert shown.read_at == ledger == AT + timedelta(minutes=5)


async def test_who_acknowledges_has_read(record: Record) -> None:
    await plan(record, 1)
    await SpaceChannel(record, Announcements()).send([message(1)])
    for minutes in (5, 10):
        async with record.write() as conn:
            assert await acknowledge(conn, "ent-1", message(1).delivery_id, AT + timedelta(minutes=minutes))
    async with record.read() as conn:
        (shown,) = await messages(conn, "ent-1")
        row = (await conn.execute(select(deliveries.c.read_at, deliveries.c.acknowledged_at))).one()
        assert await unread_count(conn, "ent-1") == 0
    moment = AT + timedelta(minutes=5)
    assert (shown.read_at, shown.acknowledged_at, *row) == (moment, moment, moment, moment)


async def test_nobody_reads_anothers_message(record: Record) -> None:
    await plan(record, 1)
    await SpaceChannel(record, Announcements()).send([message(1)])
    async with record.write() as conn:
        assert not await mark_read(conn, "ent-2", message(1).delivery_id, AT)
        assert not await acknowledge(conn, "ent-2", message(1).delivery_id, AT)
        assert await messages(conn, "ent-2") == []
        assert (await conn.execute(select(deliveries.c.read_at))).scalar_one() is None


async def test_an_announcement_that_fails_or_hangs_fails_no_delivery(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Sequence[str]) -> None:
        raise ConnectionError("no Redis")

    async def hanging(_: Sequence[str]) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("channels.space.ANNOUNCE_TIMEOUT_S", 0.05)
    for number, announce in enumerate((broken, hanging)):
        (outcome,) = await SpaceChannel(record, announce).send([message(number)])
        assert isinstance(outcome, Receipt)


async def test_a_value_the_database_refuses_fails_alone(record: Record) -> None:
    wrong = message(2, content=replace(message(2).content, revision=2**70))
    outcomes = await SpaceChannel(record, Announcements()).send([message(1), wrong, message(3)])
    assert [type(outcome) for outcome in outcomes] == [Receipt, PermanentError, Receipt]


async def test_a_record_that_is_away_is_temporary() -> None:
    record = open_record("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    outcomes = await SpaceChannel(record, Announcements()).send([message(1), message(2)])
    await record.close()
    assert {type(outcome) for outcome in outcomes} == {TemporaryError}


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_title_that_an_offices_template_cannot_write_is_a_matter_of_content(
    record: Record, tmp_path: Path
) -> None:
    template = tmp_path / "headline.txt.jinja"
    template.write_text("{{ 10 // (content.title | length - 7) }}{{ content.title }}", encoding="utf-8")
    adopt(tmp_path)
    try:
        channel = SpaceChannel(record, Announcements())
        broken = message(1, content=content(content_id="seven", title="七个字的标题名"))
        outcomes = await channel.send([broken, message(2)])
    finally:
        use_office({})
    assert [type(one) for one in outcomes] == [ContentError, Receipt]
    async with record.read() as conn:
        assert [await unread_count(conn, f"ent-{one}") for one in (1, 2)] == [0, 1]
