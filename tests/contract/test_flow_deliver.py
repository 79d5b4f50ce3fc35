"""Delivering on a real record: claims, what is asked again at send time, and what comes of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TemporaryError, ThrottledError, UnknownOutcomeError
from channels.message import Message, Progress, Receipt
from config.database.schema import campaigns, suppressions
from streams.campaigns.record import STOPPED
from streams.names import MATCH_TASKS
from streams.steps import deliver as deliver_step
from streams.sweeps import hand_over_due
from subscribers.registry import erase, opt_out, put_subscriptions
from subscribers.tokens import Unsubscribe
from tests.support.fakes import arrives
from tests.support.flow import NOW, Flow


async def planned(
    flow: Flow, *names: str, channels: tuple[str, ...] = ("email",), **changes: Any
) -> list[str]:
    """Plan a row per subscriber and channel; nothing is sent yet."""
    for name in names or ("S-1",):
        await flow.subscriber(name, channels=channels, **changes)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [row["delivery_id"] for row in await flow.rows()]


class Killed(Exception):
    """Stands for the end of the process."""


def says(outcome: Outcome) -> Any:
    return lambda message: outcome


async def campaign_state(flow: Flow) -> tuple[str, str | None]:
    async with flow.record.read() as conn:
        row = (await conn.execute(select(campaigns))).one()
    return row.state, row.reason


async def suppressed(flow: Flow) -> list[str]:
    async with flow.record.read() as conn:
        return [row.reason for row in await conn.execute(select(suppressions))]


async def leave(flow: Flow, scope: str) -> None:
    async with flow.record.write() as conn:
        await opt_out(conn, "S-1", scope, via="test", now=flow.clock.now())


# -- sending ---------------------------------------------------------------------------------------------------------


async def test_a_message_carries_who_why_and_the_way_out(flow: Flow) -> None:
    ids = await planned(flow)
    await flow.deliver("email", ids)
    (message,) = flow.channels["email"].sent
    assert (message.delivery_id, message.address, message.recipient) == (
        ids[0],
        "s-1@example.com",
        "S-1 公司",
    )
    assert message.reasons[0].subscription == "软件扶持"
    assert message.reasons[0].evidence[0].name == "软件和信息技术服务业"
    token = message.unsubscribe_url.removeprefix("http://zhengda.test/unsubscribe/")
    read = flow.desk.tokens.read_unsubscribe(token)
    assert read == Unsubscribe("S-1", "email", (message.reasons[0].subscription_id or "",))
    row = await flow.row()
    assert (row["state"], row["sent_at"], row["attempts"], row["claim"]) == ("sent", NOW, 1, None)
    assert row["gateway_ref"] == f"ref-{ids[0][:8]}"


async def test_a_delivered_row_is_not_sent_again(flow: Flow) -> None:
    ids = await planned(flow)
    await flow.deliver("email", ids)
    await flow.deliver("email", ids)
    assert len(flow.channels["email"].sent) == 1


async def test_two_workers_with_the_same_batch_send_each_row_once(flow: Flow) -> None:
    ids = await planned(flow, *[f"S-{n}" for n in range(20)])
    assert len(ids) == 20
    await asyncio.gather(*(flow.deliver("email", ids) for _ in range(3)))
    assert sorted(message.delivery_id for message in flow.channels["email"].sent) == sorted(ids)
    assert {row["state"] for row in await flow.rows()} == {"sent"}


async def test_a_batch_is_claimed_in_chunks_and_nobody_is_left_out(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver_step, "CHUNK", 2)
    ids = await planned(flow, *[f"S-{n}" for n in range(7)])
    await flow.deliver("email", ids)
    assert sorted(message.delivery_id for message in flow.channels["email"].sent) == sorted(ids)


async def test_a_row_that_is_not_due_is_left_alone(flow: Flow) -> None:
    ids = await planned(flow)
    flow.clock.advance(timedelta(hours=-1))
    await flow.deliver("email", ids)
    assert flow.channels["email"].sent == []
    assert (await flow.row())["state"] == "planned"


async def test_ids_of_no_row_are_passed_over(flow: Flow) -> None:
    await flow.deliver("email", ["00000000-0000-0000-0000-000000000000"])
    assert flow.channels["email"].sent == []


# -- asked again at send time ----------------------------------------------------------------------------------------


async def withdraw(flow: Flow) -> None:
    await flow.subscriber(contacts=[])


async def end_subscription(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await put_subscriptions(conn, "S-1", [], now=NOW)


async def erased(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await erase(conn, "S-1", now=NOW, actor="tests")


async def close_email(flow: Flow) -> None:
    await leave(flow, "channel:email")


async def close_all(flow: Flow) -> None:
    await leave(flow, "all")


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (withdraw, "gone"),
        (end_subscription, "subscription_ended"),
        (erased, "gone"),
        (close_email, "opted_out"),
        (close_all, "opted_out"),
    ],
)
async def test_who_left_between_match_and_send_gets_nothing_and_the_row_says_why(
    flow: Flow, meanwhile: Any, reason: str
) -> None:
    ids = await planned(flow)
    await meanwhile(flow)
    await flow.deliver("email", ids)
    assert flow.channels["email"].sent == []
    row = await flow.row()
    assert (row["state"], row["reason"], row["attempts"], row["ended_at"]) == ("suppressed", reason, 0, NOW)
    assert row["claim"] is None


async def test_in_quiet_hours_a_row_is_held_and_goes_when_they_end(flow: Flow) -> None:
    quiet = {"quiet_hours": {"from": "09:00", "to": "12:00"}}  # it is ten in the morning in Shanghai
    ids = await planned(flow, preferences=quiet)
    await flow.deliver("email", ids)
    row = await flow.row()
    assert (row["state"], row["reason"], row["due_at"], row["attempts"]) == (
        "held",
        "quiet_hours",
        NOW + timedelta(hours=2),
        0,
    )
    assert await hand_over_due(flow.desk) == 0
    flow.clock.advance(timedelta(hours=2))
    assert await hand_over_due(flow.desk) == 1
    await flow.pump()
    assert (await flow.row())["state"] == "sent"


async def test_what_was_superseded_or_expired_meanwhile_does_not_go(flow: Flow) -> None:
    ids = await planned(flow)
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.deliver("email", ids)
    assert flow.channels["email"].sent == []
    row = await flow.row()
    assert (row["state"], row["reason"], row["ended_at"]) == ("superseded", "repealed", NOW)


async def test_a_policy_whose_window_closed_expires_unsent(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window={"closes": "2026-03-02"})
    await flow.pump(MATCH_TASKS)
    flow.clock.advance(timedelta(hours=14))  # midnight in Shanghai
    await flow.deliver("email", [(await flow.row())["delivery_id"]])
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("expired", "apply_window")
    assert flow.channels["email"].sent == []


# -- outcomes --------------------------------------------------------------------------------------------------------


async def test_a_refused_text_stops_the_campaign_holds_what_is_left_and_suppresses_nobody(
    flow: Flow,
) -> None:
    ids = await planned(flow, "S-1", "S-2")
    flow.channels["email"].script = says(ContentError("554 DT:SPM"))
    await flow.deliver("email", ids[:1])
    await flow.deliver("email", ids[1:])
    assert len(flow.channels["email"].sent) == 1
    assert {(row["state"], row["reason"], row["attempts"]) for row in await flow.rows()} == {
        ("held", STOPPED, 0)
    }
    assert await campaign_state(flow) == ("stopped", "554 DT:SPM")
    assert await suppressed(flow) == []


async def test_a_dead_address_is_suppressed_and_a_full_one_is_not(flow: Flow) -> None:
    ids = await planned(flow, "S-1", "S-2")

    def script(message: Message) -> Outcome:
        return (
            PermanentError("550 5.1.1", dead=True)
            if message.subscriber_id == "S-1"
            else PermanentError("552")
        )

    flow.channels["email"].script = script
    await flow.deliver("email", ids)
    assert [(row["state"], row["reason"]) for row in await flow.rows()] == [
        ("failed", "gone"),
        ("failed", "552"),
    ]
    assert await suppressed(flow) == ["gone"]
    flow.channels["email"].script = arrives
    await flow.campaign("P-2")
    await flow.pump()
    later = [row for row in await flow.rows(subscriber_id="S-1") if row["delivery_id"] not in ids]
    assert [(row["state"], row["reason"]) for row in later] == [("suppressed", "contact_suppressed")]


async def test_a_temporary_failure_goes_again_when_it_is_due(flow: Flow) -> None:
    ids = await planned(flow)
    flow.channels["email"].script = says(TemporaryError("450 busy"))
    await flow.deliver("email", ids)
    row = await flow.row()
    assert (row["state"], row["reason"], row["attempts"]) == ("planned", "450 busy", 1)
    assert NOW + timedelta(minutes=1) <= row["due_at"] <= NOW + timedelta(minutes=1.2)
    assert await hand_over_due(flow.desk) == 0
    flow.channels["email"].script = arrives
    flow.clock.advance(timedelta(minutes=2))
    assert await hand_over_due(flow.desk) == 1
    await flow.pump()
    row = await flow.row()
    assert (row["state"], row["attempts"], row["reason"]) == ("sent", 2, None)


async def test_a_throttled_attempt_does_not_count(flow: Flow) -> None:
    ids = await planned(flow)
    flow.channels["email"].script = says(ThrottledError("421", 600))
    await flow.deliver("email", ids)
    row = await flow.row()
    assert (row["state"], row["attempts"], row["due_at"] >= NOW + timedelta(seconds=600)) == (
        "planned",
        0,
        True,
    )


async def test_an_email_of_unknown_outcome_goes_again_under_its_id_a_text_message_never(flow: Flow) -> None:
    await planned(flow, channels=("email", "sms"))
    for channel in ("email", "sms"):
        flow.channels[channel].script = says(UnknownOutcomeError("cut"))
        await flow.deliver(channel, [(await flow.row(channel=channel))["delivery_id"]])
    flow.clock.advance(timedelta(hours=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    mails = flow.channels["email"].sent
    assert (len(mails), len({message.delivery_id for message in mails})) == (2, 1)
    assert len(flow.channels["sms"].sent) == 1
    assert (await flow.row(channel="sms"))["state"] == "unknown"


async def test_every_neighbour_has_its_own_outcome(flow: Flow) -> None:
    ids = await planned(flow, "S-1", "S-2", "S-3")
    script: dict[str, Outcome] = {
        "S-1": Receipt(Progress.DELIVERED),
        "S-2": TemporaryError("450"),
        "S-3": PermanentError("550"),
    }
    flow.channels["email"].script = lambda message: script[message.subscriber_id]
    await flow.deliver("email", ids)
    assert [row["state"] for row in await flow.rows()] == ["delivered", "planned", "failed"]


async def test_whatever_a_server_answers_the_row_is_settled(flow: Flow) -> None:
    ids = await planned(flow)
    flow.channels["email"].script = says(PermanentError("550 \0\udce9" + "x" * 9000, dead=True))
    await flow.deliver("email", ids)
    assert (await flow.row())["state"] == "failed"
    assert len(await suppressed(flow)) == 1
