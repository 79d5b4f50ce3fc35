"""Gateways that can be asked: about texts without a report, and about those whose answer was lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from channels.errors import TemporaryError, UnknownOutcomeError
from channels.heard import FarReport
from channels.message import Message, Progress, Receipt
from channels.sms.channel import SmsChannel
from channels.sms.gateways.gateway import Text
from channels.sms.way import Way
from channels.standing import Sent
from config.database.schema import contacts, deliveries, gateway_messages
from streams.far import queries
from streams.far.messages import ASK_AFTER
from streams.far.queries import ask_gateways
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.sweeps import end_leases
from tests.support.flow import Flow
from tests.support.sms import ScriptedTexts


@pytest.fixture
def cloud() -> ScriptedTexts:
    return ScriptedTexts("cloud", parts=2)


@pytest.fixture
def standing(cloud: ScriptedTexts) -> list[SmsChannel]:
    return [SmsChannel([Way(cloud, asked=True)])]


async def planned(flow: Flow, *names: str) -> list[str]:
    for name in names or ("S-1",):
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [str(row["delivery_id"]) for row in await flow.rows()]


async def delivered(flow: Flow, channel: SmsChannel, delivery_ids: Sequence[str]) -> None:
    async def send(batch: Sequence[Message]) -> Sequence[object]:
        return await channel.send(batch)

    flow.channels["sms"].send = send  # type: ignore[method-assign, assignment]
    await flow.deliver("sms", delivery_ids)


def knows(sent: Sent) -> list[FarReport]:
    return [FarReport("cloud", sent.message_id or sent.delivery_id, sent.number, "delivered")]


async def test_a_text_without_a_report_is_asked_about_after_a_while_and_only_once_a_turn(
    flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel]
) -> None:
    (delivery_id,) = await planned(flow)
    await delivered(flow, standing[0], [delivery_id])
    assert await ask_gateways(flow.desk, standing) == 0
    flow.clock.advance(ASK_AFTER)
    assert await ask_gateways(flow.desk, standing) == 0
    assert await ask_gateways(flow.desk, standing) == 0
    assert [(one.delivery_id, one.message_id) for one in cloud.asked] == [
        (delivery_id, "cloud-1-1"),
        (delivery_id, "cloud-1-2"),
    ]
    assert {one.number for one in cloud.asked} == {f"+86138{sum(b'S-1'):08d}"}
    cloud.knows = knows
    flow.clock.advance(2 * ASK_AFTER)
    assert await ask_gateways(flow.desk, standing) == 2
    await apply_parked(flow.desk)
    assert (await flow.row())["state"] == "delivered"
    flow.clock.advance(timedelta(hours=9))
    assert await ask_gateways(flow.desk, standing) == 0
    assert len(cloud.asked) == 4


async def test_a_lost_answer_is_asked_about_by_number_and_settled_without_sending_again(
    flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel]
) -> None:
    cloud.script = lambda text: UnknownOutcomeError("cut")
    (delivery_id,) = await planned(flow)
    await delivered(flow, standing[0], [delivery_id])
    assert (await flow.row())["state"] == "unknown"
    cloud.knows = knows
    flow.clock.advance(ASK_AFTER)
    assert await ask_gateways(flow.desk, standing) == 1
    await apply_parked(flow.desk)
    assert (await flow.row())["state"] == "delivered"
    assert [(one.delivery_id, one.message_id) for one in cloud.asked] == [(delivery_id, None)]
    assert len(cloud.taken) == 1


async def test_a_text_whose_sender_vanished_is_asked_about_too(
    flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel]
) -> None:
    (delivery_id,) = await planned(flow)

    class Vanished(Exception):
        pass

    def dies(text: Message) -> Receipt:
        raise Vanished

    flow.channels["sms"].script = dies
    with pytest.raises(ExceptionGroup):
        await flow.deliver("sms", [delivery_id])
    flow.clock.advance(timedelta(hours=1))
    await end_leases(flow.desk)
    assert (await flow.row())["state"] == "unknown"
    flow.clock.advance(ASK_AFTER + timedelta(seconds=1))
    cloud.knows = knows
    assert await ask_gateways(flow.desk, standing) == 1
    await apply_parked(flow.desk)
    assert (await flow.row())["state"] == "delivered"


async def test_a_gateway_that_cannot_be_asked_now_is_asked_later(
    flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel]
) -> None:
    await delivered(flow, standing[0], await planned(flow))

    def away(sent: Sent) -> list[FarReport]:
        raise TemporaryError("503")

    cloud.knows = away
    flow.clock.advance(ASK_AFTER)
    assert await ask_gateways(flow.desk, standing) == 0
    cloud.knows = knows
    flow.clock.advance(2 * ASK_AFTER)
    assert await ask_gateways(flow.desk, standing) == 2


async def test_two_who_sweep_ask_once(flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel]) -> None:
    def takes(text: Text) -> Receipt:
        return Receipt(Progress.SENT, ids=(f"id-{text.delivery_id}",))

    cloud.script = takes
    await delivered(flow, standing[0], await planned(flow, "S-1", "S-2", "S-3"))
    flow.clock.advance(ASK_AFTER)
    await ask_gateways(flow.desk, standing)
    await ask_gateways(flow.desk, standing)
    assert len(cloud.asked) == 3
    async with flow.record.read() as conn:
        assert set(await conn.scalars(select(gateway_messages.c.asks))) == {1}


async def test_texts_to_numbers_that_are_gone_hide_no_others(
    flow: Flow, cloud: ScriptedTexts, standing: list[SmsChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    names = [f"S-{n}" for n in range(5)]
    await planned(flow, *names)
    flow.clock.advance(timedelta(hours=1))
    now = flow.clock.now()
    async with flow.record.write() as conn:
        for age, name in enumerate(reversed(names)):  # the last of them has waited longest
            sent = {
                "state": "unknown",
                "reason": "lease_expired",
                "sent_at": now - timedelta(minutes=10 + age),
            }
            mine = deliveries.c.subscriber_id == name
            await conn.execute(update(deliveries).where(mine).values(**sent))
        gone = contacts.c.subscriber_id.in_(["S-0", "S-1", "S-2"])
        await conn.execute(delete(contacts).where(gone))
    for _ in range(4):
        await ask_gateways(flow.desk, standing)
        flow.clock.advance(timedelta(seconds=30))
    assert {one.number for one in cloud.asked} == {
        f"+86138{sum(name.encode()):08d}" for name in ("S-3", "S-4")
    }
