"""What gateways say has failed: consequences, once more where nothing arrived, an end where nobody says a word."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from channels.channel import Outcome
from channels.errors import BarredError, PermanentError, UnknownOutcomeError
from channels.heard import Failure
from channels.message import Progress, Receipt
from config.database.schema import (
    campaigns,
    deliveries,
    gateway_messages,
    soft_failures,
    suppressions,
)
from streams.alerts import open_subjects
from streams.far.reports import AGAIN_AFTER
from streams.sweeps import give_up_unknown, hand_over_due
from tests.support.far_said import GATEWAY, hear, planned, said, sent, state, takes
from tests.support.flow import Flow, open_flow


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        opened.channels["sms"].script = takes()
        yield opened


@pytest.mark.parametrize(
    ("failure", "listed", "stopped"),
    [
        ("gone", True, False),
        ("opted_out", True, False),
        ("off", False, False),
        ("rejected", False, False),
        ("content", False, True),
    ],
)
async def test_a_failure_has_its_consequence_and_no_other(
    flow: Flow, failure: Failure, listed: bool, stopped: bool
) -> None:
    await sent(flow)
    await hear(flow, said("1.1", "failed", failure))
    assert await state(flow) == ("failed", failure)
    assert await flow.count(suppressions) == int(listed)
    async with flow.record.read() as conn:
        assert (await conn.scalar(select(campaigns.c.state)) == "stopped") is stopped


@pytest.mark.parametrize(
    ("outcome", "reason", "listed"),
    [
        (BarredError("1015 black list"), "opted_out", "opted_out"),
        (PermanentError("CB:0001", dead=True), "gone", "gone"),
    ],
)
async def test_a_number_that_is_refused_at_once_is_listed_for_what_it_is(
    flow: Flow, outcome: Outcome, reason: str, listed: str
) -> None:
    flow.channels["sms"].script = lambda message: outcome
    await flow.deliver("sms", await planned(flow))
    assert await state(flow) == ("failed", reason)
    async with flow.record.read() as conn:
        assert list(await conn.scalars(select(suppressions.c.reason))) == [listed]


async def test_what_the_carrier_cannot_explain_goes_once_more_and_then_no_more(flow: Flow) -> None:
    await sent(flow)
    await hear(flow, said("1.1", "failed", "ambiguous"))
    assert await state(flow) == ("planned", "ambiguous")
    assert await flow.count(soft_failures) == 0
    await hand_over_due(flow.desk)
    await flow.pump()
    assert len(flow.channels["sms"].sent) == 1
    flow.clock.advance(AGAIN_AFTER)
    await hand_over_due(flow.desk)
    await flow.pump()
    assert len(flow.channels["sms"].sent) == 2
    await hear(flow, said("1.1", "failed", "ambiguous"), said("2.1", "failed", "ambiguous"))
    assert await state(flow) == ("failed", "ambiguous")
    assert await flow.count(soft_failures) == 1


async def test_a_message_of_which_a_part_arrived_does_not_go_again(flow: Flow) -> None:
    await sent(flow, parts=2)
    await hear(flow, said("1.1", "failed", "ambiguous"))
    assert await state(flow) == ("sent", None)
    await hear(flow, said("1.2"))
    assert await state(flow) == ("failed", "ambiguous")


@pytest.mark.parametrize("late", ["before", "after"])
async def test_what_arrived_after_all_is_delivered_even_if_it_was_to_go_again(flow: Flow, late: str) -> None:
    await sent(flow)
    await hear(flow, said("1.1", "failed", "busy"))
    async with flow.record.write() as conn:
        await conn.execute(update(gateway_messages).values(status=None, failure=None))
    if late == "after":
        flow.clock.advance(AGAIN_AFTER)
        await hand_over_due(flow.desk)
        await flow.pump()
    await hear(flow, said("1.1", "accepted"))
    assert (await state(flow))[0] == {"before": "planned", "after": "sent"}[late]
    await hear(flow, said("1.1"))
    assert await state(flow) == ("delivered", None)
    await hand_over_due(flow.desk)
    await flow.pump()
    assert len(flow.channels["sms"].sent) == {"before": 1, "after": 2}[late]


@pytest.mark.parametrize(
    "outcome", [Receipt(Progress.SENT, gateway=GATEWAY, ids=("9",)), UnknownOutcomeError("cut")]
)
async def test_what_was_never_reported_ends_after_three_days_and_never_goes_again(
    flow: Flow, outcome: Outcome
) -> None:
    flow.channels["sms"].script = lambda message: outcome
    await flow.deliver("sms", await planned(flow))
    flow.clock.advance(timedelta(hours=71))
    assert await give_up_unknown(flow.desk) == 0
    flow.clock.advance(timedelta(hours=2))
    assert await give_up_unknown(flow.desk) == 1
    assert await state(flow) == ("failed", "no_receipt")
    await hear(flow, said("9"))
    assert await state(flow) == ("failed", "no_receipt")
    assert len(flow.channels["sms"].sent) == 1


async def test_mail_that_was_sent_is_not_ended_for_want_of_a_report(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("email",))
    await flow.campaign()
    await flow.pump()
    flow.clock.advance(timedelta(hours=100))
    assert await give_up_unknown(flow.desk) == 0


async def test_a_digest_that_failed_takes_its_items_along_and_does_not_go_again(flow: Flow) -> None:
    delivery_ids = await sent(flow, "S-1", "S-2")
    digest, item = delivery_ids
    async with flow.record.write() as conn:
        both = update(deliveries).where(deliveries.c.delivery_id.in_(delivery_ids))
        await conn.execute(both.values(digest_id=digest))
        await conn.execute(delete(gateway_messages).where(gateway_messages.c.delivery_id == item))
    async with flow.record.read() as conn:
        known = await conn.scalar(select(gateway_messages.c.message_id))
    await hear(flow, said(str(known), "failed", "ambiguous"))
    assert {row["state"] for row in await flow.rows()} == {"failed"}


async def test_a_digest_that_the_carrier_refuses_stops_no_campaign_and_is_an_alert(flow: Flow) -> None:
    (digest,) = await sent(flow)
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(digest_id=digest))
    await hear(flow, said("1.1", "failed", "content"))
    assert await state(flow) == ("failed", "content")
    async with flow.record.read() as conn:
        assert await conn.scalar(select(campaigns.c.state)) == "running"
        assert await open_subjects(conn, "digest") == {"sms"}
