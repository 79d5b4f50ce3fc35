"""Reports of a gateway about rows of a real record: kept first, applied once settled, never backwards."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from channels.errors import TemporaryError, UnknownOutcomeError
from config.database.schema import campaigns, contacts, deliveries, receipts, suppressions
from streams.names import MATCH_TASKS
from streams.receipts.receipts import KEPT_FOR, Report, apply, apply_early, keep, moved
from streams.sweeps import give_up_unknown, hand_over_due
from tests.support.flow import NOW, Flow


async def planned(flow: Flow, name: str = "S-1") -> str:
    await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return str((await flow.row(subscriber_id=name))["delivery_id"])


async def sent(flow: Flow) -> str:
    delivery_id = await planned(flow)
    await flow.deliver("sms", [delivery_id])
    assert (await flow.row())["state"] == "sent"
    return delivery_id


async def reported(flow: Flow, delivery_id: str, status: str, reason: str | None = None) -> bool:
    now = flow.clock.now()
    async with flow.record.write() as conn:
        await keep(conn, Report(delivery_id, status, reason), now)
    async with flow.record.write() as conn:
        return await apply(conn, delivery_id, now)


async def kept(flow: Flow) -> list[tuple[str, bool]]:
    async with flow.record.read() as conn:
        rows = await conn.execute(select(receipts).order_by(receipts.c.status))
        return [(row.status, row.applied_at is not None) for row in rows]


async def test_a_report_makes_a_sent_message_delivered(flow: Flow) -> None:
    delivery_id = await sent(flow)
    flow.clock.advance(timedelta(seconds=3))
    assert await reported(flow, delivery_id, "accepted")
    assert (await flow.row())["state"] == "sent"
    assert await reported(flow, delivery_id, "delivered")
    row = await flow.row()
    assert (row["state"], row["sent_at"], row["delivered_at"]) == ("delivered", NOW, flow.clock.now())
    assert (await flow.funnel()).delivered == 1


@pytest.mark.parametrize(
    "order", [("delivered", "failed"), ("failed", "delivered"), ("delivered", "accepted")]
)
async def test_reports_in_any_order_never_go_backwards(flow: Flow, order: tuple[str, str]) -> None:
    delivery_id = await sent(flow)
    first, second = order
    assert await reported(flow, delivery_id, first, "undelivered" if first == "failed" else None)
    before = await flow.row()
    assert await reported(flow, delivery_id, second, "undelivered" if second == "failed" else None)
    assert await flow.row() == before
    assert all(applied for _, applied in await kept(flow))


async def test_the_same_report_twice_is_one(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await reported(flow, delivery_id, "delivered")
    before = await flow.row()
    flow.clock.advance(timedelta(hours=1))
    assert await reported(flow, delivery_id, "delivered")
    assert await flow.row() == before
    assert len(await kept(flow)) == 1


async def test_a_report_that_overtakes_the_answer_is_applied_by_the_sweep(flow: Flow) -> None:
    delivery_id = await planned(flow)
    applied: list[bool] = []

    async def meanwhile() -> None:
        applied.append(await reported(flow, delivery_id, "delivered"))
        assert await apply_early(flow.desk) == 0

    flow.channels["sms"].meanwhile = meanwhile
    await flow.deliver("sms", [delivery_id])
    assert applied == [False]
    assert (await flow.row())["state"] == "sent"
    assert await apply_early(flow.desk) == 1
    assert (await flow.row())["state"] == "delivered"
    assert await apply_early(flow.desk) == 0


@pytest.mark.parametrize(
    ("status", "state"), [("delivered", "delivered"), ("accepted", "sent"), ("failed", "failed")]
)
async def test_a_message_of_unknown_outcome_is_settled_by_its_report(
    flow: Flow, status: str, state: str
) -> None:
    delivery_id = await planned(flow)
    flow.channels["sms"].script = lambda message: UnknownOutcomeError("cut")
    await flow.deliver("sms", [delivery_id])
    assert (await flow.row())["state"] == "unknown"
    await reported(flow, delivery_id, status, "undelivered" if status == "failed" else None)
    assert (await flow.row())["state"] == state
    flow.clock.advance(timedelta(hours=73))
    # What the carrier took and never said more of ends as what is unknown does; nothing goes a second time.
    assert await give_up_unknown(flow.desk) == (status == "accepted")
    assert len(flow.channels["sms"].sent) == 1


@pytest.mark.parametrize("status", ["delivered", "accepted"])
async def test_what_came_through_although_the_gateway_refused_it_does_not_go_again(
    flow: Flow, status: str
) -> None:
    delivery_id = await planned(flow)
    flow.channels["sms"].script = lambda message: TemporaryError("500 Sending failed.")
    await flow.deliver("sms", [delivery_id])
    assert (await flow.row())["state"] == "planned"
    await reported(flow, delivery_id, status)
    flow.clock.advance(timedelta(hours=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    assert len(flow.channels["sms"].sent) == 1


async def test_a_failure_of_an_earlier_attempt_does_not_end_a_row_that_goes_again(flow: Flow) -> None:
    delivery_id = await planned(flow)

    flow.channels["sms"].script = lambda message: TemporaryError("503")
    await flow.deliver("sms", [delivery_id])
    assert await reported(flow, delivery_id, "failed", "undelivered")
    assert (await flow.row())["state"] == "planned"


async def suppressed(flow: Flow) -> dict[str, str]:
    async with flow.record.read() as conn:
        rows = await conn.execute(
            select(contacts.c.subscriber_id, suppressions.c.reason).join(
                suppressions, contacts.c.blind_index == suppressions.c.blind_index
            )
        )
        return {row.subscriber_id: row.reason for row in rows}


@pytest.mark.parametrize(
    ("reason", "listed"), [("gone", True), ("opted_out", True), ("undelivered", False), ("content", False)]
)
async def test_a_dead_or_barred_number_is_suppressed_and_no_other(
    flow: Flow, reason: str, listed: bool
) -> None:
    delivery_id = await sent(flow)
    await reported(flow, delivery_id, "failed", reason)
    assert ((await flow.row())["state"], (await flow.row())["reason"]) == ("failed", reason)
    assert await suppressed(flow) == ({"S-1": reason} if listed else {})


async def test_a_carrier_that_refuses_the_text_stops_the_campaign(flow: Flow) -> None:
    delivery_id = await sent(flow)
    await reported(flow, delivery_id, "failed", "content")
    async with flow.record.read() as conn:
        assert (await conn.scalar(select(campaigns.c.state))) == "stopped"


@pytest.mark.parametrize("state", ["sent", "unknown", "held"])
@pytest.mark.parametrize("status", ["delivered", "failed"])
async def test_a_report_about_a_digest_counts_for_all_that_it_carried(
    flow: Flow, state: str, status: str
) -> None:
    for name in ("S-1", "S-2", "S-3"):
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump()
    digest, item, other = (str(row["delivery_id"]) for row in await flow.rows())
    c = deliveries.c
    async with flow.record.write() as conn:
        in_it = update(deliveries).where(c.delivery_id.in_((digest, item)))
        await conn.execute(in_it.values(digest_id=digest, state="unknown"))
        await conn.execute(update(deliveries).where(c.delivery_id == item).values(state=state))
    assert await reported(flow, digest, status, "undelivered" if status == "failed" else None)
    assert {row["delivery_id"]: row["state"] for row in await flow.rows()} == {
        digest: status,
        item: status,
        other: "sent",
    }


async def test_a_report_about_nothing_we_know_is_kept_for_a_week_and_holds_nobody_up(flow: Flow) -> None:
    delivery_id = await sent(flow)
    assert not await reported(flow, "00000000-0000-0000-0000-000000000000", "delivered")
    async with flow.record.write() as conn:
        await keep(conn, Report(delivery_id, "delivered"), flow.clock.now())
    assert await apply_early(flow.desk) == 1
    assert sorted(applied for _, applied in await kept(flow)) == [False, True]
    flow.clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert await apply_early(flow.desk) == 0
    assert all(applied for _, applied in await kept(flow))


@pytest.mark.parametrize("final", ["failed", "suppressed", "expired", "superseded", "delivered"])
def test_no_report_moves_a_row_that_has_ended(final: str) -> None:
    assert {moved(final, status) for status in ("accepted", "delivered", "failed")} == {None}
