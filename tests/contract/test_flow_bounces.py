"""Bounces of e-mail about rows of a real record: kept, applied once settled, never backwards, the same one once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from channels.email.bounces import Bounce
from channels.email.bounces.bounce import Word
from channels.email.replies import Phase, classify
from channels.errors import TemporaryError
from config.database.schema import bounces, campaigns, contacts, deliveries, notices, optouts, suppressions
from streams.bounces import KEPT_FOR, apply, apply_early, forget, keep
from streams.campaigns import resume
from streams.names import MATCH_TASKS
from streams.sweeps import count_as_delivered, hand_over_due
from tests.support.door import Door
from tests.support.flow import AGENCY, Flow, open_flow

DAY = timedelta(days=1)


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        yield opened


async def planned(flow: Flow) -> str:
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return str((await flow.row())["delivery_id"])


async def sent(flow: Flow) -> str:
    delivery_id = await planned(flow)
    await flow.deliver("email", [delivery_id])
    assert (await flow.row())["state"] == "sent"
    return delivery_id


async def comes_back(flow: Flow, delivery_id: str | None, word: Word, body: bytes = b"") -> bool:
    """Take a bounce as the receiver does; returns whether it could be applied at once."""
    now = flow.clock.now()
    bounce = Bounce(word, "5.0.0", "test", "550 no")
    async with flow.record.write() as conn:
        bounce_id = await keep(conn, bounce, delivery_id, body, now)
    async with flow.record.write() as conn:
        return await apply(conn, bounce_id, now)


async def state(flow: Flow) -> tuple[str, str | None]:
    row = await flow.row()
    return row["state"], row["reason"]


async def suppressed(flow: Flow) -> list[str]:
    async with flow.record.read() as conn:
        return list(await conn.scalars(select(suppressions.c.reason)))


async def parked(flow: Flow) -> list[str | None]:
    async with flow.record.read() as conn:
        return list(await conn.scalars(select(bounces.c.parked)))


async def campaign_state(flow: Flow) -> str:
    async with flow.record.read() as conn:
        return str(await conn.scalar(select(campaigns.c.state)))


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


async def test_what_counted_as_delivered_fails_when_it_bounces_days_later(flow: Flow) -> None:
    delivery_id = await sent(flow)
    flow.clock.advance(2 * DAY)
    assert await count_as_delivered(flow.desk, DAY) == 1
    assert (await flow.funnel()).delivered == 1
    flow.clock.advance(2 * DAY)
    await comes_back(flow, delivery_id, "expired")
    assert await state(flow) == ("failed", "expired")
    assert (await flow.row())["delivered_at"] is None
    assert await count_as_delivered(flow.desk, DAY) == 0
    assert (await flow.funnel()).delivered == 0


async def test_the_same_bounce_twice_changes_nothing(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "full")
    before = await flow.row()
    for _ in range(3):
        flow.clock.advance(DAY)
        assert await comes_back(flow, delivery_id, "full")
    assert await flow.row() == before
    assert await suppressed(flow) == []
    assert await parked(flow) == [None]


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


async def test_a_failure_after_a_delay_counts(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "temporary")
    await comes_back(flow, delivery_id, "expired")
    assert await state(flow) == ("failed", "expired")


async def test_a_refused_text_stops_the_campaign_and_suppresses_nobody(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await comes_back(flow, delivery_id, "content")
    assert await campaign_state(flow) == "stopped"
    assert await suppressed(flow) == []


async def test_who_resumes_a_campaign_is_not_stopped_again_by_what_went_before(flow: Flow) -> None:
    for name in ("S-1", "S-2", "S-3"):
        await flow.subscriber(name)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    one, other, late = [str(row["delivery_id"]) for row in await flow.rows()]
    await flow.deliver("email", [one, other])
    flow.clock.advance(timedelta(hours=1))
    await comes_back(flow, one, "content")
    assert await campaign_state(flow) == "stopped"
    async with flow.record.write() as conn:
        actor = await flow.actor("publisher")
        await resume(conn, AGENCY, "P-1", "mended", actor, flow.clock.now())
    flow.clock.advance(timedelta(hours=1))
    await comes_back(flow, other, "content")
    assert await campaign_state(flow) == "running"
    await flow.deliver("email", [late])
    await comes_back(flow, late, "content")
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


async def test_a_bounce_that_overtakes_the_answer_is_applied_by_the_sweep(flow: Flow) -> None:
    delivery_id = await planned(flow)
    applied: list[bool] = []

    async def meanwhile() -> None:
        applied.append(await comes_back(flow, delivery_id, "gone"))
        assert await apply_early(flow.desk) == 0

    flow.channels["email"].meanwhile = meanwhile
    await flow.deliver("email", [delivery_id])
    assert applied == [False]
    assert await state(flow) == ("sent", None)
    assert await apply_early(flow.desk) == 1
    assert await state(flow) == ("failed", "gone")
    assert await apply_early(flow.desk) == 0


async def test_a_bounce_of_an_earlier_attempt_ends_no_row_that_goes_again_but_its_address(flow: Flow) -> None:
    delivery_id = await planned(flow)
    flow.channels["email"].script = lambda message: TemporaryError("451")
    await flow.deliver("email", [delivery_id])
    await comes_back(flow, delivery_id, "gone")
    assert (await flow.row())["state"] == "planned"
    flow.clock.advance(timedelta(hours=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    assert await state(flow) == ("suppressed", "contact_suppressed")
    assert len(flow.channels["email"].sent) == 1


@pytest.mark.parametrize("final", ["failed", "suppressed", "expired", "superseded"])
async def test_no_bounce_moves_a_row_that_has_ended(flow: Flow, final: str) -> None:
    delivery_id = await sent(flow)
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(state=final, reason="before"))
    await comes_back(flow, delivery_id, "undelivered")
    assert await state(flow) == (final, "before")
    assert await parked(flow) == ["had_ended"]


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


@pytest.mark.parametrize(
    ("delivery_id", "why"),
    [(None, "no_delivery_named"), ("00000000-0000-0000-0000-000000000000", "delivery_unknown")],
)
async def test_what_belongs_to_nothing_is_parked_with_the_reason(
    flow: Flow, delivery_id: str | None, why: str
) -> None:
    assert await comes_back(flow, delivery_id, "gone")
    assert await parked(flow) == [why]
    assert await suppressed(flow) == []


async def test_bounces_that_name_nothing_are_told_apart_by_their_text(flow: Flow) -> None:
    for body in (b"one", b"other", b"one"):
        await comes_back(flow, None, "gone", body)
    assert len(await parked(flow)) == 2


async def test_after_a_month_bounces_are_forgotten(flow: Flow) -> None:
    await comes_back(flow, None, "gone")
    assert await forget(flow.desk) == 0
    flow.clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert await forget(flow.desk) == 1
    assert await parked(flow) == []
