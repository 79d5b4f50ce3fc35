"""Reports under a gateway's own ids: lost, doubled, reordered, early, about nobody; nothing lost, nothing undone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select, update

from channels.errors import TemporaryError, UnknownOutcomeError
from channels.heard import FarReport, Reply
from channels.message import Progress, Receipt
from config.database.schema import (
    contacts,
    deliveries,
    gateway_messages,
    optouts,
    parked_reports,
    suppressions,
)
from streams.far.reports import KEPT_FOR, apply_parked, forget_old
from tests.support.far_said import GATEWAY, ear, hear, planned, said, sent, state, takes
from tests.support.flow import Flow, open_flow


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        opened.channels["sms"].script = takes()
        yield opened


async def test_a_message_is_delivered_when_all_its_parts_are(flow: Flow) -> None:
    await sent(flow, parts=3)
    flow.clock.advance(timedelta(seconds=5))
    await hear(flow, said("1.1"), said("1.3"), said("1.2", "accepted"))
    assert await state(flow) == ("sent", None)
    await hear(flow, said("1.2"))
    row = await flow.row()
    assert (row["state"], row["delivered_at"]) == ("delivered", flow.clock.now())
    assert await flow.count(parked_reports) == 0


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_whatever_order_they_come_in_and_however_often_the_end_is_the_same(flow: Flow) -> None:
    await sent(flow, parts=2)
    reports = [said("1.1", "accepted"), said("1.1"), said("1.2"), said("1.1")]
    for order in permutations(reports):
        async with flow.record.write() as conn:
            await conn.execute(update(gateway_messages).values(status=None, failure=None))
            await conn.execute(update(deliveries).values(state="sent", delivered_at=None))
        states = []
        for one in order:
            await hear(flow, one)
            states.append((await flow.row())["state"])
        assert states[-1] == "delivered"
        assert states == sorted(states, reverse=True), "never backwards"


async def test_what_is_final_is_not_moved_by_what_comes_later(flow: Flow) -> None:
    await sent(flow)
    await hear(flow, said("1.1"))
    before = await flow.row()
    flow.clock.advance(timedelta(hours=1))
    await hear(flow, said("1.1", "failed", "gone"), said("1.1", "accepted"), said("1.1"))
    assert await flow.row() == before
    assert await flow.count(suppressions) == 0


async def test_a_report_that_overtakes_the_answer_waits_for_the_row(flow: Flow) -> None:
    delivery_ids = await planned(flow)

    async def meanwhile() -> None:
        await hear(flow, said("1.1"))

    flow.channels["sms"].meanwhile = meanwhile
    await flow.deliver("sms", delivery_ids)
    assert await state(flow) == ("sent", None)
    assert await apply_parked(flow.desk) == 1
    assert await state(flow) == ("delivered", None)


async def test_reports_about_unknown_ids_are_kept_for_a_week_and_hold_nobody_up(flow: Flow) -> None:
    await sent(flow)
    await hear(flow, said("strange"), said("1.1"), FarReport("other", "1.1", None, "failed", "gone", ""))
    assert await state(flow) == ("delivered", None)
    assert await flow.count(parked_reports) == 2
    assert await forget_old(flow.desk) == 0
    flow.clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert await forget_old(flow.desk) == 2
    assert await flow.count(parked_reports) == await flow.count(gateway_messages) == 0


async def test_what_was_kept_while_nobody_swept_is_applied_later(flow: Flow) -> None:
    await sent(flow)
    await hear(flow, said("1.1"), apply=False)
    flow.clock.advance(timedelta(hours=5))
    assert await apply_parked(flow.desk) == 0
    assert await apply_parked(flow.desk, KEPT_FOR) == 1
    assert await state(flow) == ("delivered", None)


async def test_one_id_for_several_numbers_is_told_apart_by_the_number(flow: Flow) -> None:
    flow.channels["sms"].script = lambda message: Receipt(Progress.SENT, gateway=GATEWAY, ids=("77",))
    await flow.deliver("sms", await planned(flow, "S-1", "S-2"))
    numbers = {message.subscriber_id: message.address for message in flow.channels["sms"].sent}
    await hear(
        flow,
        said("77", number=numbers["S-1"]),
        said("77", "failed", "gone", number=numbers["S-2"]),
        said("77", "failed", "gone", number="+8613999999999"),
        said("77", "failed", "gone", number="nonsense"),
    )
    assert {row["subscriber_id"]: row["state"] for row in await flow.rows()} == {
        "S-1": "delivered",
        "S-2": "failed",
    }
    assert await flow.count(parked_reports) == 2


async def test_an_id_given_twice_is_from_then_on_that_of_the_newer_message(flow: Flow) -> None:
    flow.channels["sms"].script = lambda message: Receipt(Progress.SENT, gateway=GATEWAY, ids=("77",))
    await flow.deliver("sms", await planned(flow, "S-1"))
    await flow.deliver("sms", await planned(flow, "S-1"))
    await hear(flow, said("77", number=flow.channels["sms"].sent[0].address))
    assert sorted(row["state"] for row in await flow.rows()) == ["delivered", "sent"]


async def test_a_lost_answer_is_settled_by_a_report_under_our_own_id(flow: Flow) -> None:
    flow.channels["sms"].script = lambda message: UnknownOutcomeError("cut", gateway=GATEWAY)
    (delivery_id,) = await planned(flow)
    await flow.deliver("sms", [delivery_id])
    assert await state(flow) == ("unknown", "cut")
    await hear(flow, said(delivery_id))
    assert await state(flow) == ("delivered", None)
    assert len(flow.channels["sms"].sent) == 1


async def test_a_refused_message_leaves_no_ids_and_a_receipt_without_ids_waits_for_its_own_report(
    flow: Flow,
) -> None:
    flow.channels["sms"].script = lambda message: (
        TemporaryError("503") if message.subscriber_id == "S-1" else Receipt(Progress.SENT, gateway="kannel")
    )
    await flow.deliver("sms", await planned(flow, "S-1", "S-2"))
    assert await flow.count(gateway_messages) == 0


async def test_many_who_report_at_once_are_written_together_and_all_of_them(flow: Flow) -> None:
    names = [f"S-{n}" for n in range(30)]
    await sent(flow, *names)
    opened = ear(flow)
    await asyncio.gather(*(opened.reports([said(f"{n}.1")]) for n in range(1, 31)))
    assert await flow.count(parked_reports) == 30
    assert await apply_parked(flow.desk) == 30
    assert {row["state"] for row in await flow.rows()} == {"delivered"}


async def test_nobody_is_told_that_a_report_is_kept_while_the_record_is_away(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(flow)
    opened = ear(flow)

    def away() -> Any:
        raise ConnectionError("away")

    with monkeypatch.context() as broken:
        broken.setattr(flow.record, "write", away)
        with pytest.raises(ConnectionError):
            await opened.reports([said("1.1")])
    await opened.reports([said("1.1")])
    await apply_parked(flow.desk)
    assert await state(flow) == ("delivered", None)


async def leavers(flow: Flow) -> Sequence[str]:
    async with flow.record.read() as conn:
        return list(await conn.scalars(select(optouts.c.subscriber_id)))


async def test_a_reply_closes_the_channel_at_once_and_is_announced(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("sms", "email"))
    async with flow.record.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(contacts)) == 2
    number = f"+86138{sum(b'S-1'):08d}"
    await ear(flow).replies([Reply(GATEWAY, number, "你好", "m-1"), Reply(GATEWAY, number, "ＴＤ。", "m-2")])
    assert await leavers(flow) == ["S-1"]
    told = flow.log.on("subscription.changes")[-1].json
    assert told["data"]["subscriber_id"] == "S-1"
