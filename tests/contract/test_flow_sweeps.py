"""What is found again: sweeps, dead letters, and the figures of the ledger, on a real record."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.errors import PermanentError
from channels.message import Progress, Receipt
from config.database.schema import audit, campaign_shards, deliveries, previews
from streams.carry import Parcel, carry
from streams.deadletters import list_dead, put_aside, replay
from streams.events import PolicyData
from streams.gate import known_event
from streams.ledger import list_deliveries
from streams.log import LogUnavailable, Position
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED, POLICY_EVENTS, PREVIEW_TASKS
from streams.policies import list_policies
from streams.preview import PreviewTimeout, preview
from streams.signing import read_headers
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
from tests.support.flow import AGENCY, NOW, SHARDS, Flow, cloud_event, open_flow, policy

EMAILS = DELIVERIES["email"]


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        yield opened


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
    assert (told.at.partition, told.json) == (
        change.shard,
        {"subscriber_id": "S-1", "version": change.version},
    )


async def test_an_email_counts_as_delivered_after_a_day_and_a_text_message_does_not(flow: Flow) -> None:
    await planned(flow, channels=("email", "sms"))
    await flow.pump()
    flow.clock.advance(timedelta(hours=24))
    assert await count_as_delivered(flow.desk, timedelta(hours=24)) == 0
    flow.clock.advance(timedelta(seconds=1))
    assert await count_as_delivered(flow.desk, timedelta(hours=24)) == 1
    assert (await flow.row(channel="email"))["delivered_at"] == flow.clock.now()
    assert (await flow.row(channel="sms"))["state"] == "sent"


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


# -- figures ---------------------------------------------------------------------------------------------------------


async def test_the_funnel_counts_what_happened(flow: Flow) -> None:
    script: dict[str, Any] = {
        "S-0": Receipt(Progress.SENT),
        "S-1": Receipt(Progress.DELIVERED),
        "S-2": Receipt(Progress.DELIVERED),
        "S-3": PermanentError("550", dead=True),
    }
    flow.channels["email"].script = lambda message: script[message.subscriber_id]
    await planned(flow, 5)
    await flow.subscriber("S-4", {})  # ended its subscription since
    await flow.pump()
    async with flow.record.write() as conn:
        mine = deliveries.c.subscriber_id == "S-1"
        await conn.execute(update(deliveries).where(mine).values(read_at=NOW))
    found = await flow.funnel()
    assert found.complete
    assert (found.shards, found.shards_marked, found.matched, found.planned) == (SHARDS, SHARDS, 5, 5)
    assert (found.sent, found.delivered, found.read, found.acknowledged) == (3, 2, 1, 0)
    assert (found.failed, found.suppressed) == ({"gone": 1}, {"subscription_ended": 1})
    assert (found.reached, found.aware, found.reach_rate, found.awareness_rate) == (2, 1, 0.4, 0.5)
    assert found.waiting == {"planned": 0, "claimed": 0, "held": 0}


async def test_a_policy_is_complete_when_every_shard_is_marked_and_nothing_waits_to_be_sent(
    flow: Flow,
) -> None:
    await flow.subscriber("S-0")
    await flow.tell("policy.published", policy())
    assert not (await flow.funnel()).complete  # nobody has decided
    await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    assert not (await flow.funnel()).complete  # its campaign is not open yet
    await flow.pump("policies.released")
    tasks = flow.log.on(MATCH_TASKS)
    for task in tasks[:-1]:
        await flow.step(task)
    assert not (await flow.funnel()).complete
    await flow.step(tasks[-1])
    assert not (await flow.funnel()).complete  # a row is planned
    await change_rows(flow, state="claimed")
    assert not (await flow.funnel()).complete
    await change_rows(flow, state="held")
    done = await flow.funnel()
    assert (done.complete, done.held, done.reach_rate, done.awareness_rate) == (True, 1, 0.0, None)


async def test_a_policy_that_was_refused_is_complete_without_a_campaign(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await flow.pump(POLICIES_ACCEPTED)
    await flow.tell("policy.refused", {"policy_id": "P-1", "revision": 1, "reason": "有误"}, "reviewer")
    found = await flow.funnel()
    assert (found.complete, found.state, found.matched, found.reach_rate) == (True, "refused", 0, None)


async def test_the_ledger_is_listed_page_by_page_and_by_what_is_asked(flow: Flow) -> None:
    await planned(flow, 5)
    seen: list[str] = []
    async with flow.record.read() as conn:
        after = None
        for _ in range(3):
            page, after = await list_deliveries(conn, limit=2, after=after)
            seen += [row["subscriber_id"] for row in page]
        assert (sorted(seen), after) == ([f"S-{n}" for n in range(5)], None)
        one, _ = await list_deliveries(
            conn, subscriber_id="S-3", channel="email", state="planned", policy_id="P-1"
        )
        assert [(row["subscriber_id"], row["agency_id"], row["occurrence"]) for row in one] == [
            ("S-3", AGENCY, "policy")
        ]
        assert await list_deliveries(conn, agency_id="other") == ([], None)


async def test_policies_are_listed_newest_first_page_by_page(flow: Flow) -> None:
    for number in range(5):
        await flow.tell("policy.published", policy(f"P-{number}"))
        if number % 2:
            flow.clock.advance(timedelta(minutes=1))
    seen: list[str] = []
    async with flow.record.read() as conn:
        after = None
        for _ in range(3):
            page, after = await list_policies(conn, limit=2, after=after)
            seen += [view.policy_id for view in page]
    assert (seen, after) == ([f"P-{n}" for n in (4, 3, 2, 1, 0)], None)


async def test_the_public_sees_what_stands_even_while_an_amendment_waits(flow: Flow) -> None:
    await flow.campaign("P-1")
    await flow.tell("policy.amended", policy("P-1", title="待审的修改"))
    await flow.campaign("P-2", audience_scope={"subscribers": ["S-1"]})
    await flow.tell("policy.published", policy("P-3"))
    await flow.tell("policy.published", policy("P-4", disclosure="withheld"))
    async with flow.record.read() as conn:
        public, _ = await list_policies(conn, public_only=True)
        waiting, _ = await list_policies(conn, states=["received", "waiting"], agency_id=AGENCY)
    assert [(view.policy_id, view.revision, view.title) for view in public] == [("P-1", 1, policy()["title"])]
    assert {(view.policy_id, view.revision) for view in waiting} == {("P-1", 2), ("P-3", 1), ("P-4", 1)}


# -- preview ---------------------------------------------------------------------------------------------------------


async def ask(flow: Flow, **more: Any) -> dict[str, Any]:
    data = PolicyData.model_validate(policy())
    given = {"taxonomy": flow.desk.taxonomy, "shards": SHARDS, "timeout_s": 20.0, "clock": flow.clock}
    return await preview(flow.record, flow.desk.log, data, **given | more)


async def answered(flow: Flow, **more: Any) -> dict[str, Any]:
    asking = asyncio.create_task(ask(flow, **more))
    while len(flow.log.on(PREVIEW_TASKS)) < SHARDS:
        await asyncio.sleep(0.01)
    await flow.pump(PREVIEW_TASKS)
    return await asking


async def test_a_preview_counts_every_shard_and_plans_nothing(flow: Flow) -> None:
    for number in range(6):
        await flow.subscriber(f"S-{number}", channels=("email", "space") if number < 3 else ("space",))
    found = await answered(flow)
    assert (found["matched"], found["by_channel"]) == (6, {"email": 3, "space": 6})
    assert {sample["subscriber_id"] for sample in found["samples"]} == {f"S-{n}" for n in range(6)}
    assert {"dimension": "industry", "code": "I65", "name": "软件和信息技术服务业", "quote": ""} in found[
        "labels"
    ]
    assert await flow.rows() == []


async def test_others_do_not_see_counts_below_five_nor_who_it_is(flow: Flow) -> None:
    for number in range(6):
        await flow.subscriber(f"S-{number}", channels=("email", "space") if number < 3 else ("space",))
    found = await answered(flow, own=False)
    assert (found["matched"], found["by_channel"], found["samples"]) == (6, {"email": "<5", "space": 6}, [])


async def test_a_preview_that_is_not_answered_says_how_many_are_missing(flow: Flow) -> None:
    with pytest.raises(PreviewTimeout, match="0 of 4 shards answered"):
        await ask(flow, timeout_s=0.1)
    with pytest.raises(PreviewTimeout, match="0 of 4 shards answered"):
        await ask(flow, timeout_s=0)


async def test_old_previews_are_cleaned_away_and_their_tasks_passed_over(flow: Flow) -> None:
    with pytest.raises(PreviewTimeout):
        await ask(flow, timeout_s=0)
    flow.clock.advance(timedelta(hours=2))
    with pytest.raises(PreviewTimeout):
        await ask(flow, timeout_s=0)
    await flow.pump(PREVIEW_TASKS)
    async with flow.record.read() as conn:
        rows = (await conn.execute(select(previews))).all()
    assert len(rows) == SHARDS
    assert {row.at for row in rows} == {flow.clock.now()}
    assert all(row.result is not None for row in rows)
