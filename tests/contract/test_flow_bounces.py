"""Bounces of e-mail about rows of a real record: what each kind ends, suppresses or stops, and no more."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from channels.email.bounces.bounce import Word
from channels.email.replies import Phase, classify
from config.database.schema import contacts, deliveries, notices, optouts
from streams.alerts import open_subjects
from streams.campaigns.record import resume
from streams.names import MATCH_TASKS
from tests.support.bounced import campaign_state, comes_back, parked, sent, state, suppressed
from tests.support.door import Door
from tests.support.flow import AGENCY, Flow

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("word", "listed"),
    [
        ("gone", ["gone"]),
        ("full", []),
        ("ambiguous", []),
        ("undelivered", []),
        ("expired", []),
        ("content", []),
    ],
)
async def test_a_bounce_ends_the_push_and_only_a_dead_address_is_suppressed(
    flow: Flow, word: Word, listed: list[str]
) -> None:
    delivery_id = await sent(flow)
    flow.clock.advance(timedelta(minutes=1))
    assert await comes_back(flow, delivery_id, word)
    assert await state(flow) == ("failed", word)
    assert (await flow.row())["ended_at"] == flow.clock.now()
    assert await suppressed(flow) == listed
    assert (await flow.funnel()).failed == {word: 1}


async def test_the_next_push_to_a_dead_address_is_withheld(flow: Flow) -> None:
    await comes_back(flow, await sent(flow), "gone")
    await flow.campaign("P-2")
    await flow.pump()
    later = [row for row in await flow.rows() if row["state"] != "failed"]
    assert [(row["state"], row["reason"]) for row in later] == [("suppressed", "contact_suppressed")]
    assert len(flow.channels["email"].sent) == 1


async def test_a_mailbox_that_was_full_three_times_within_a_month_is_suppressed(flow: Flow) -> None:
    await flow.subscriber("S-1")
    for number in range(3):
        await flow.campaign(f"P-{number}")
        await flow.pump()
        rows = [row for row in await flow.rows() if row["state"] == "sent"]
        assert len(rows) == 1
        assert await suppressed(flow) == []
        await comes_back(flow, rows[0]["delivery_id"], "full")
        flow.clock.advance(7 * DAY)
    assert await suppressed(flow) == ["unreachable"]


async def test_a_full_mailbox_that_the_mail_server_refuses_at_once_counts_as_much(flow: Flow) -> None:
    await flow.subscriber("S-1")
    flow.channels["email"].script = lambda message: classify(Phase.RECIPIENT, 552, "5.2.2 mailbox full")
    for number in range(3):
        assert await suppressed(flow) == []
        await flow.campaign(f"P-{number}")
        await flow.pump()
        flow.clock.advance(DAY)
    assert {row["state"] for row in await flow.rows()} == {"failed"}
    assert await suppressed(flow) == ["unreachable"]


@pytest.mark.parametrize("word", ["temporary", "auto_reply", "other"])
async def test_what_tells_nothing_final_is_kept_and_changes_nothing(flow: Flow, word: Word) -> None:
    delivery_id = await sent(flow)
    before = await flow.row()
    assert await comes_back(flow, delivery_id, word)
    assert await flow.row() == before
    assert await parked(flow) == ["says_nothing"]


async def test_a_refused_text_stops_the_campaign_and_suppresses_nobody(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "content")
    assert await campaign_state(flow) == "stopped"
    assert await suppressed(flow) == []


async def sent_to(flow: Flow, count: int) -> list[str]:
    for number in range(count):
        await flow.subscriber(f"S-{number}")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [str(row["delivery_id"]) for row in await flow.rows()]


async def test_one_recipient_of_several_stops_nothing_however_often_it_returns_the_text(flow: Flow) -> None:
    one, *others = await sent_to(flow, 3)
    await flow.deliver("email", [one, *others])
    for _ in range(3):
        await comes_back(flow, one, "content")
    assert await campaign_state(flow) == "running"
    await comes_back(flow, others[0], "content")
    assert await campaign_state(flow) == "stopped"
    assert await suppressed(flow) == []


async def test_who_resumes_a_campaign_is_not_stopped_again_by_what_went_before(flow: Flow) -> None:
    *early, late, latest = await sent_to(flow, 5)
    await flow.deliver("email", early)
    flow.clock.advance(timedelta(hours=1))
    for one in early[:2]:
        await comes_back(flow, one, "content")
    assert await campaign_state(flow) == "stopped"
    async with flow.record.write() as conn:
        actor = await flow.actor("publisher")
        await resume(conn, AGENCY, "P-1", "mended", actor, flow.clock.now())
    flow.clock.advance(timedelta(hours=1))
    await comes_back(flow, early[2], "content")
    await flow.deliver("email", [late, latest])
    await comes_back(flow, late, "content")
    assert await campaign_state(flow) == "running"
    await comes_back(flow, latest, "content")
    assert await campaign_state(flow) == "stopped"


@pytest.mark.parametrize("word", ["gone", "content", "undelivered"])
async def test_what_a_digest_carried_follows_it_and_no_campaign_is_stopped_for_it(
    flow: Flow, word: Word
) -> None:
    for name in ("S-1", "S-2", "S-3"):
        await flow.subscriber(name)
    await flow.campaign()
    await flow.pump()
    digest, item, other = (str(row["delivery_id"]) for row in await flow.rows())
    c = deliveries.c
    async with flow.record.write() as conn:
        carried = update(deliveries).where(c.delivery_id.in_((digest, item)))
        await conn.execute(carried.values(digest_id=digest, state="sent"))
    await comes_back(flow, digest, word)
    assert {row["delivery_id"]: row["state"] for row in await flow.rows()} == {
        digest: "failed",
        item: "failed",
        other: "sent",
    }
    assert await campaign_state(flow) == "running"
    async with flow.record.read() as conn:
        assert await open_subjects(conn, "digest") == ({"email"} if word == "content" else set())


async def test_who_complains_gets_no_more_mail_and_the_push_stays_delivered(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "complained")
    assert (await flow.row())["state"] == "sent"
    assert await suppressed(flow) == ["complained"]
    async with flow.record.read() as conn:
        shown = select(optouts.c.subscriber_id, optouts.c.channel, optouts.c.via)
        assert [tuple(row) for row in await conn.execute(shown)] == [("S-1", "email", "complaint")]
    assert await comes_back(flow, delivery_id, "complained")
    assert await suppressed(flow) == ["complained"]


async def test_a_request_to_confirm_that_bounces_suppresses_its_address(flow: Flow) -> None:
    door = Door(flow)
    await door.join(("email", "chen@firm.example.cn"))
    (message,) = await door.send()
    await comes_back(flow, message.delivery_id, "gone")
    assert await suppressed(flow) == ["gone"]
    async with flow.record.read() as conn:
        assert await conn.scalar(select(notices.c.state)) == "failed"
        assert await conn.scalar(select(func.count()).select_from(contacts)) == 1
