"""What is found again: sweeps, dead letters, and the figures of the ledger, on a real record."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.clock import SimulatedClock, SystemClock
from config.database.schema import audit, campaign_shards, deliveries
from streams.carry import Parcel, carry
from streams.deadletters import list_dead, put_aside, replay
from streams.events.signing import read_headers
from streams.gate.judging import known_event
from streams.log import LogUnavailable, Position
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED, POLICY_EVENTS
from streams.receipts.receipts import apply_early
from streams.steps.admit import admit
from streams.sweeps import (
    announce_forgotten,
    ask_lost_shards,
    count_as_delivered,
    end_leases,
    give_up_unknown,
    hand_over_due,
)
from tests.support.fakes import Logged
from tests.support.flow import AGENCY, NOW, SHARDS, Flow, cloud_event, policy

EMAILS = DELIVERIES["email"]


async def planned(flow: Flow, count: int = 1, channels: tuple[str, ...] = ("email",)) -> None:
    for number in range(count):
        await flow.subscriber(f"S-{number}", channels=channels)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


async def change_rows(flow: Flow, **values: Any) -> None:
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(**values))


def handed(flow: Flow) -> list[str]:
    return [one for message in flow.log.on(EMAILS) for one in message.json["delivery_ids"]]


# -- sweeps ----------------------------------------------------------------------------------------------------------


async def test_a_lease_that_ended_frees_its_row_and_one_that_runs_does_not(flow: Flow) -> None:
    await planned(flow)
    await change_rows(flow, state="claimed", claim="gone", lease_until=NOW + timedelta(minutes=5))
    assert await end_leases(flow.desk) == 0
    flow.clock.advance(timedelta(minutes=5, seconds=1))
    assert await end_leases(flow.desk) == 1
    row = await flow.row()
    assert (row["state"], row["reason"], row["claim"], row["handed_at"]) == (
        "planned",
        "lease_expired",
        None,
        None,
    )


async def test_two_sweepers_at_once_hand_each_due_row_over_once(flow: Flow) -> None:
    await planned(flow, 30)
    await change_rows(flow, handed_at=None)
    flow.log.messages.clear()
    taken = await asyncio.gather(*(hand_over_due(flow.desk) for _ in range(3)))
    assert sum(taken) == 30
    assert len(handed(flow)) == len(set(handed(flow))) == 30
    assert await hand_over_due(flow.desk) == 0


async def test_a_hand_over_that_never_reached_the_log_is_made_again_later(flow: Flow) -> None:
    await planned(flow)
    await change_rows(flow, handed_at=None)
    flow.log.messages.clear()
    flow.log.breaks[EMAILS] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await hand_over_due(flow.desk)
    flow.log.breaks.clear()
    assert await hand_over_due(flow.desk) == 0  # it may be on its way
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    assert await hand_over_due(flow.desk) == 1
    assert len(handed(flow)) == 1


async def test_a_lost_task_is_asked_again_and_a_marked_one_is_not(flow: Flow) -> None:
    await flow.subscriber("S-0")
    await flow.campaign()
    tasks = list(flow.log.on(MATCH_TASKS))
    for task in tasks[:2]:
        await flow.step(task)
    flow.log.messages.clear()
    assert await ask_lost_shards(flow.desk) == 0
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    both = await asyncio.gather(ask_lost_shards(flow.desk), ask_lost_shards(flow.desk))
    assert sum(both) == 2
    asked = flow.log.on(MATCH_TASKS)
    assert {(task.at.partition, task.json["shard"]) for task in asked} == {(2, 2), (3, 3)}
    await flow.pump(MATCH_TASKS)
    async with flow.record.read() as conn:
        marks = (await conn.execute(select(campaign_shards.c.done_at))).scalars().all()
    assert len(marks) == SHARDS
    assert None not in marks


async def test_changes_that_were_never_announced_are_announced_once(flow: Flow) -> None:
    change = await flow.subscriber()
    assert await announce_forgotten(flow.desk) == 0
    flow.clock.advance(timedelta(minutes=1))
    assert await announce_forgotten(flow.desk) == 1
    assert await announce_forgotten(flow.desk) == 0
    (told,) = flow.log.on("subscription.changes")
    assert told.at.partition == change.shard
    assert told.json == {
        "specversion": "1.0",
        "id": f"S-1:{change.version}",
        "source": "/zhengda/subscribers",
        "type": "subscription.changed",
        "data": {"subscriber_id": "S-1", "version": change.version},
    }


async def test_an_email_counts_as_delivered_after_a_day_and_a_text_message_does_not(flow: Flow) -> None:
    await planned(flow, channels=("email", "sms"))
    await flow.pump()
    flow.clock.advance(timedelta(hours=24))
    assert await count_as_delivered(flow.desk, timedelta(hours=24)) == 0
    flow.clock.advance(timedelta(seconds=1))
    assert await count_as_delivered(flow.desk, timedelta(hours=24)) == 1
    assert (await flow.row(channel="email"))["delivered_at"] == flow.clock.now()
    assert (await flow.row(channel="sms"))["state"] == "sent"


async def test_sweeps_by_real_time_work_on_the_fastest_clock_that_can_be_set(flow: Flow) -> None:
    fast = SimulatedClock(SystemClock(), real=datetime.now(UTC), domain=NOW, speed=10_000_000)
    desk = replace(flow.desk, clock=fast)
    assert await give_up_unknown(desk) == 0
    assert await apply_early(desk) == 0
    assert await announce_forgotten(desk) == 0


async def test_a_text_message_without_a_receipt_fails_after_three_days(flow: Flow) -> None:
    await planned(flow, channels=("sms",))
    await change_rows(flow, state="unknown", sent_at=NOW)
    flow.clock.advance(timedelta(hours=72))
    assert await give_up_unknown(flow.desk) == 0
    flow.clock.advance(timedelta(seconds=1))
    assert await give_up_unknown(flow.desk) == 1
    assert ((await flow.row())["state"], (await flow.row())["reason"]) == ("failed", "no_receipt")


# -- dead letters ----------------------------------------------------------------------------------------------------


async def carried(flow: Flow, message: Logged) -> None:
    async def gate(parcel: Parcel) -> None:
        await admit(flow.desk, parcel.value, parcel.headers, parcel.at, parcel.key)

    await carry(
        flow.desk, "gate", gate, Parcel(message.at, message.key, message.value, read_headers(message.headers))
    )


async def letters(flow: Flow) -> list[dict[str, Any]]:
    async with flow.record.read() as conn:
        return (await list_dead(conn))[0]


async def test_a_replay_keeps_its_place_and_takes_effect_once(flow: Flow) -> None:
    raw = cloud_event("policy.published", policy(), "e-1")
    for _ in range(5):
        await flow.log(POLICY_EVENTS, key=None, value=b"")  # so that places differ
    message = await flow.log_event(raw, key=b"wrong")
    await carried(flow, message)
    (letter,) = await letters(flow)
    assert (letter["offset"], "the message key must be" in letter["reason"]) == (5, True)
    operator = await flow.actor("reviewer")
    assert await replay(flow.record, flow.desk.log, letter["dead_letter_id"], operator, NOW)
    again = flow.log.messages[-1]
    assert again.value == raw
    await carried(flow, again)  # still wrong: filed under the same, and may be replayed again
    (still,) = await letters(flow)
    assert (still["dead_letter_id"], still["offset"], still["replayed_at"]) == (
        letter["dead_letter_id"],
        5,
        None,
    )
    mended = Logged(again.at, b"sheet/P-1", again.value, again.headers)
    await carried(flow, mended)
    await carried(flow, mended)
    async with flow.record.read() as conn:
        status = await known_event(conn, AGENCY, "e-1")
        noted = (await conn.execute(select(audit).where(audit.c.action == "dead_letter.replayed"))).one()
    assert status is not None
    assert (status.status, noted.actor, noted.object) == ("accepted", "李四", f"{POLICY_EVENTS}/0/5")
    await flow.admit(await flow.log_event(raw))  # the same event at a place of its own is a duplicate
    assert len({message.value for message in flow.log.on(POLICIES_ACCEPTED)}) == 1
    assert (await flow.funnel()).revision == 1


async def test_a_replay_that_fails_before_it_is_noted_can_be_replayed_again(flow: Flow) -> None:
    message = await flow.log_event(cloud_event("policy.published", policy(), "e-1"), key=b"wrong")
    await carried(flow, message)
    (letter,) = await letters(flow)
    write = flow.desk.log.produce

    async def write_and_fail(*given: Any, **named: Any) -> Position:
        at = await write(*given, **named)
        flow.clock.advance(timedelta(seconds=1))
        await carried(flow, flow.log.messages[-1])
        return at

    flow.desk.log.produce = write_and_fail
    operator = await flow.actor("reviewer")
    assert await replay(flow.record, flow.desk.log, letter["dead_letter_id"], operator, NOW)
    (still,) = await letters(flow)
    assert (still["dead_letter_id"], still["replayed_at"]) == (letter["dead_letter_id"], None)


async def test_an_unknown_dead_letter_is_not_replayed(flow: Flow) -> None:
    assert not await replay(flow.record, flow.desk.log, "none", await flow.actor("reviewer"), NOW)
    assert flow.log.messages == []


async def test_dead_letters_of_one_moment_are_listed_page_by_page_without_a_gap(flow: Flow) -> None:
    async with flow.record.write() as conn:
        for offset in range(5):
            await put_aside(conn, Position("t", 0, offset), (None, b"x", {}), "bad", NOW)
    seen: list[int] = []
    after = None
    async with flow.record.read() as conn:
        for _ in range(3):
            page, after = await list_dead(conn, limit=2, after=after)
            seen += [letter["offset"] for letter in page]
    assert (sorted(seen), after) == ([0, 1, 2, 3, 4], None)
