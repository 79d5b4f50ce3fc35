"""Digests on a real record: one message per recipient and boundary, whatever changes, comes late or breaks down."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TemporaryError, UnknownOutcomeError
from channels.message import Message, Occasion, Progress, Receipt
from streams.alerts import list_alerts
from streams.alerts.delivery_check import check_causes
from streams.campaigns.record import NEVER, STOPPED, resume, stop
from streams.delivery.claims import claim
from streams.digests import gathering as digests
from streams.digests.gathering import gather_digests
from streams.steps import deliver as deliver_step
from streams.sweeps import count_as_delivered, end_leases, give_up_unknown, hand_over_due
from subscribers.registry import opt_out, put_subscriptions
from tests.support.fakes import arrives
from tests.support.flow import AGENCY, NOW, Flow

TUESDAY = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)  # half past eight in Shanghai, the day after NOW
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ONE_CAN_APPLY: dict[str, Any] = {
    "apply_window": {"opens": "2026-03-01", "closes": "2026-12-31"},
    "apply_url": "https://apply.example.cn/",
}


class Killed(Exception):
    """Stands for the end of the process."""


async def join(flow: Flow, name: str = "S-1", frequency: str = "daily", **changes: Any) -> None:
    preferences = {"frequency": frequency} | changes.pop("preferences", {})
    await flow.subscriber(name, preferences=preferences, **changes)


async def push(flow: Flow, *policies: str, **changes: Any) -> None:
    for policy_id in policies or ("P-1",):
        await flow.campaign(policy_id, **changes)
    await flow.pump()


async def sweep(flow: Flow) -> None:
    """A second of the scheduler, and the work that it gives to the channels."""
    await gather_digests(flow.desk)
    await hand_over_due(flow.desk)
    await flow.pump()


async def until(flow: Flow, moment: datetime) -> None:
    flow.clock.advance(moment - flow.clock.now())
    await sweep(flow)


def mails(flow: Flow, channel: str = "email") -> list[Message]:
    return flow.channels[channel].sent


def titles(message: Message) -> list[str]:
    return [entry.content.title for entry in message.content.entries]


async def items(flow: Flow, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in await flow.rows(**wanted) if row["delivery_id"] != row["digest_id"]]


async def digest_rows(flow: Flow) -> list[dict[str, Any]]:
    return [row for row in await flow.rows() if row["delivery_id"] == row["digest_id"]]


def says(outcome: Outcome) -> Any:
    return lambda message: outcome


# -- one message -----------------------------------------------------------------------------------------------------


async def test_what_came_in_a_day_is_one_message_at_half_past_eight(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", title="甲政策")
    flow.clock.advance(SECOND)
    await push(flow, "P-2", title="乙政策")
    assert mails(flow) == []
    assert {(row["state"], row["reason"], row["due_at"]) for row in await flow.rows()} == {
        ("held", "digest", TUESDAY)
    }
    await until(flow, TUESDAY - SECOND)
    assert mails(flow) == []
    await until(flow, TUESDAY)
    (message,) = mails(flow)
    assert (message.content.occasion, titles(message)) == (Occasion.DIGEST, ["甲政策", "乙政策"])
    assert message.content.title == "3月3日政策汇总：《甲政策》等2项"
    assert [entry.reasons[0].subscription for entry in message.content.entries] == ["软件扶持", "软件扶持"]
    assert message.content.entries[0].reasons[0].evidence[0].name == "软件和信息技术服务业"
    assert {(row["state"], row["reason"], row["sent_at"], row["attempts"]) for row in await items(flow)} == {
        ("sent", None, TUESDAY, 1)
    }
    (digest,) = await digest_rows(flow)
    assert (digest["delivery_id"], digest["state"]) == (message.delivery_id, "sent")
    for _ in range(3):
        await sweep(flow)
    assert len(mails(flow)) == 1


async def test_each_subscriber_and_channel_gets_a_message_of_its_own(flow: Flow) -> None:
    await join(flow, "S-1", channels=("email", "sms"))
    await join(flow, "S-2")
    await push(flow, "P-1", "P-2", **ONE_CAN_APPLY)
    await until(flow, TUESDAY)
    assert sorted(message.subscriber_id for message in mails(flow)) == ["S-1", "S-2"]
    (text,) = mails(flow, "sms")
    assert len(text.content.entries) == 2
    assert len({row["delivery_id"] for row in await digest_rows(flow)}) == 3


async def test_who_wants_it_at_once_and_the_space_wait_for_nothing(flow: Flow) -> None:
    await join(flow, "S-1", channels=("email", "space"))
    await join(flow, "S-2", "instant")
    await push(flow)
    assert [message.subscriber_id for message in mails(flow)] == ["S-2"]
    assert [message.subscriber_id for message in mails(flow, "space")] == ["S-1"]


async def test_a_weekly_digest_comes_on_monday_and_meets_the_daily_one(flow: Flow) -> None:
    await join(flow, frequency="weekly")
    await push(flow, "P-1")
    await until(flow, TUESDAY)
    assert mails(flow) == []
    await join(flow, frequency="daily")
    monday = TUESDAY + 6 * DAY
    flow.clock.advance(monday - DAY - flow.clock.now())
    await push(flow, "P-2")
    await until(flow, monday)
    assert [len(message.content.entries) for message in mails(flow)] == [2]


async def test_nothing_new_is_no_message(flow: Flow) -> None:
    await join(flow)
    await push(flow)
    await until(flow, TUESDAY)
    await until(flow, TUESDAY + DAY)
    await until(flow, TUESDAY + 2 * DAY)
    assert len(mails(flow)) == 1
    assert len(await digest_rows(flow)) == 1


async def test_what_is_judged_in_the_boundary_s_own_second_belongs_to_the_next(flow: Flow) -> None:
    await join(flow)
    flow.clock.advance(TUESDAY - timedelta(microseconds=1) - NOW)
    await push(flow, "P-1", title="甲政策")
    flow.clock.advance(timedelta(microseconds=1))
    await push(flow, "P-2", title="乙政策")
    await sweep(flow)
    assert [titles(message) for message in mails(flow)] == [["甲政策"]]
    await until(flow, TUESDAY + DAY)
    assert [titles(message) for message in mails(flow)] == [["甲政策"], ["乙政策"]]


# -- what changed meanwhile ------------------------------------------------------------------------------------------


async def test_what_was_amended_twice_appears_once_as_it_stands(flow: Flow) -> None:
    await join(flow)
    for title in ("初稿", "二稿", "三稿"):
        await push(flow, "P-1", title=title)
    await until(flow, TUESDAY)
    (message,) = mails(flow)
    assert titles(message) == ["三稿"]
    assert message.content.entries[0].content.revision == 3
    assert [(row["state"], row["reason"]) for row in await items(flow)] == [
        ("superseded", "superseded"),
        ("superseded", "superseded"),
        ("sent", None),
    ]


async def test_a_withdrawal_overrides_the_digest_and_goes_at_once(flow: Flow) -> None:
    await join(flow, "S-1")
    await push(flow, "P-1")
    await until(flow, TUESDAY)  # it has P-1
    flow.clock.advance(timedelta(hours=1))
    await push(flow, "P-2")
    for policy_id in ("P-1", "P-2"):
        await flow.tell("policy.repealed", {"policy_id": policy_id})
        await flow.pump()
    assert [message.content.occasion for message in mails(flow)] == [Occasion.DIGEST, Occasion.REPEAL]
    assert mails(flow)[1].content.policy_id == "P-1"
    await until(flow, TUESDAY + DAY)
    assert len(mails(flow)) == 2, "a repealed policy was announced"
    (empty,) = [row for row in await digest_rows(flow) if row["state"] != "sent"]
    assert (empty["state"], empty["reason"], empty["ended_at"]) == (
        "suppressed",
        "nothing_left",
        TUESDAY + DAY,
    )
    assert ("superseded", "repealed") in {(row["state"], row["reason"]) for row in await items(flow)}


async def test_what_would_come_too_late_to_act_on_goes_at_once(flow: Flow) -> None:
    await join(flow, frequency="weekly")
    await push(flow, "closes-friday", apply_window={"closes": "2026-03-06"})
    await push(flow, "closes-on-the-boundary-s-day", apply_window={"closes": "2026-03-09"})
    assert [message.content.policy_id for message in mails(flow)] == [
        "closes-friday",
        "closes-on-the-boundary-s-day",
    ]
    await push(flow, "closes-later", apply_window={"closes": "2026-03-10"})
    assert len(mails(flow)) == 2
    await until(flow, TUESDAY + 6 * DAY)
    assert [message.content.occasion for message in mails(flow)[2:]] == [Occasion.DIGEST]


async def leave_everything(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await opt_out(conn, "S-1", "all", via="test", now=flow.clock.now())


async def end_the_subscription(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await put_subscriptions(conn, "S-1", [], now=flow.clock.now())


@pytest.mark.parametrize(
    ("meanwhile", "reason"), [(leave_everything, "opted_out"), (end_the_subscription, "subscription_ended")]
)
async def test_who_leaves_before_the_boundary_gets_nothing_and_each_item_says_why(
    flow: Flow, meanwhile: Any, reason: str
) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    await meanwhile(flow)
    await until(flow, TUESDAY)
    assert mails(flow) == []
    assert {(row["state"], row["reason"], row["ended_at"]) for row in await items(flow)} == {
        ("suppressed", reason, TUESDAY)
    }
    assert [(row["state"], row["reason"]) for row in await digest_rows(flow)] == [
        ("suppressed", "nothing_left")
    ]


async def test_who_wants_it_at_once_from_now_on_still_gets_what_waits(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1")
    await join(flow, frequency="instant")
    await push(flow, "P-2")
    assert [message.content.occasion for message in mails(flow)] == [Occasion.POLICY]
    await until(flow, TUESDAY)
    assert len(mails(flow)) == 2


async def test_a_stopped_item_leaves_the_digest_and_comes_with_the_next_one_after_its_resumption(
    flow: Flow,
) -> None:
    await join(flow)
    await push(flow, "P-1", title="甲政策")
    await push(flow, "P-2", title="乙政策")
    actor = await flow.actor("publisher")
    async with flow.record.write() as conn:
        await stop(conn, AGENCY, "P-1", "有误", actor, NOW)
    await until(flow, TUESDAY)
    assert [titles(message) for message in mails(flow)] == [["乙政策"]]
    (stopped,) = [row for row in await items(flow) if row["state"] == "held"]
    assert (stopped["reason"], stopped["due_at"], stopped["digest_id"]) == (STOPPED, NEVER, None)
    async with flow.record.write() as conn:
        await resume(conn, AGENCY, "P-1", "无误", actor, flow.clock.now())
    await sweep(flow)
    assert len(mails(flow)) == 1
    await until(flow, TUESDAY + DAY)
    assert [titles(message) for message in mails(flow)] == [["乙政策"], ["甲政策"]]


async def test_quiet_hours_hold_the_digest_as_a_whole(flow: Flow) -> None:
    await join(flow, preferences={"quiet_hours": {"from": "08:00", "to": "09:00"}})
    await push(flow, "P-1", "P-2")
    await until(flow, TUESDAY)
    assert mails(flow) == []
    (digest,) = await digest_rows(flow)
    assert (digest["state"], digest["reason"]) == ("held", "quiet_hours")
    await until(flow, TUESDAY + timedelta(minutes=30))
    assert [len(message.content.entries) for message in mails(flow)] == [2]


async def test_what_follows_a_waiting_policy_comes_in_the_same_digest(flow: Flow) -> None:
    await join(flow)
    await push(flow)
    flow.clock.advance(SECOND)
    told = {"interpretation_id": "I-1", "title": "一图读懂", "form": "chart", "body": "第一次认定即可申报。"}
    await flow.tell("interpretation.published", {"policy_id": "P-1", "interpretation": told})
    await flow.tell(
        "interpretation.released", {"policy_id": "P-1", "id": "I-1", "revision": 1}, who="reviewer"
    )
    await flow.pump()
    await until(flow, TUESDAY)
    (message,) = mails(flow)
    assert [entry.content.occasion for entry in message.content.entries] == [
        Occasion.POLICY,
        Occasion.INTERPRETATION,
    ]
    assert "一图读懂" in message.content.entries[1].content.text


# -- outcomes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Receipt(Progress.DELIVERED), "delivered", None),
        (PermanentError("550 5.1.1", dead=True), "failed", "gone"),
        (ContentError("554 spam"), "failed", "554 spam"),
    ],
)
async def test_items_go_the_way_of_their_digest(
    flow: Flow, outcome: Outcome, state: str, reason: str | None
) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    flow.channels["email"].script = says(outcome)
    await until(flow, TUESDAY)
    assert {(row["state"], row["reason"]) for row in await flow.rows()} == {(state, reason)}
    funnel = await flow.funnel("P-1")
    assert (funnel.campaigns[0]["state"], funnel.planned) == ("running", 1)


async def test_a_digest_that_is_refused_is_an_alert_until_none_was_for_a_day(flow: Flow) -> None:
    await join(flow)
    await push(flow)
    flow.channels["email"].script = says(ContentError("554 5.7.1 spam"))
    await until(flow, TUESDAY)
    async with flow.record.read() as conn:
        (alert,) = await list_alerts(conn)
    assert (alert["kind"], alert["subject"]) == ("digest", "email")
    assert alert["detail"] == "a digest is refused by email: 554 5.7.1 spam"
    flow.clock.advance(DAY - SECOND)
    assert await check_causes(flow.desk) == 0
    flow.clock.advance(2 * SECOND)
    assert await check_causes(flow.desk) == 1
    async with flow.record.read() as conn:
        assert await list_alerts(conn) == []


async def test_a_digest_that_is_tried_again_keeps_its_id_and_its_items_wait_with_it(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    flow.channels["email"].script = says(TemporaryError("450 busy"))
    await until(flow, TUESDAY)
    assert {(row["state"], row["reason"]) for row in await items(flow)} == {("held", "digest")}
    await flow.tell("policy.repealed", {"policy_id": "P-2"})
    await flow.pump()
    flow.channels["email"].script = arrives
    await until(flow, TUESDAY + timedelta(minutes=5))
    first, second = mails(flow)
    assert first.delivery_id == second.delivery_id
    assert (len(first.content.entries), len(second.content.entries)) == (2, 1)
    assert sorted(row["state"] for row in await items(flow)) == ["sent", "superseded"]


async def test_mail_counts_as_delivered_with_its_items_and_a_lost_text_fails_with_them(flow: Flow) -> None:
    await join(flow, channels=("email", "sms"))
    await push(flow, "P-1", "P-2", **ONE_CAN_APPLY)
    flow.channels["sms"].script = says(UnknownOutcomeError("cut"))
    await until(flow, TUESDAY)
    assert {row["state"] for row in await items(flow, channel="sms")} == {"unknown"}
    flow.clock.advance(timedelta(hours=72) + SECOND)
    assert await count_as_delivered(flow.desk, timedelta(hours=24)) == 3
    assert await give_up_unknown(flow.desk) == 3
    assert {row["state"] for row in await items(flow, channel="email")} == {"delivered"}
    assert {row["state"] for row in await items(flow, channel="sms")} == {"failed"}


async def test_figures_count_items_and_never_the_digest(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    held = await flow.funnel("P-1")
    assert (held.complete, held.held, held.planned, held.sent, held.reach_rate) == (True, 1, 1, 0, 0.0)
    assert held.held_for == {"digest": 1}
    flow.channels["email"].script = says(Receipt(Progress.DELIVERED))
    await until(flow, TUESDAY)
    funnel = await flow.funnel("P-1")
    assert (funnel.matched, funnel.planned, funnel.sent, funnel.delivered) == (1, 1, 1, 1)
    assert (funnel.held, funnel.held_for, funnel.reach_rate) == (0, {}, 1.0)


# -- breakdowns ------------------------------------------------------------------------------------------------------


async def test_two_holders_of_the_scheduler_at_once_make_one_digest(flow: Flow) -> None:
    for number in range(20):
        await join(flow, f"S-{number}")
    await push(flow, "P-1", "P-2")
    flow.clock.advance(TUESDAY - NOW)
    made = await asyncio.gather(*(gather_digests(flow.desk) for _ in range(3)))
    assert sum(made) == 20
    await asyncio.gather(*(hand_over_due(flow.desk) for _ in range(3)))
    await flow.pump()
    await sweep(flow)
    assert sorted(message.subscriber_id for message in mails(flow)) == sorted(f"S-{n}" for n in range(20))
    assert {len(message.content.entries) for message in mails(flow)} == {2}


async def test_the_sweep_of_due_rows_leaves_what_waits_for_a_digest_alone(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    flow.clock.advance(TUESDAY - NOW)
    assert await hand_over_due(flow.desk) == 0
    await sweep(flow)
    assert [len(message.content.entries) for message in mails(flow)] == [2]


async def test_many_digests_are_made_part_by_part_and_none_is_split(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 2)
    for number in range(5):
        await join(flow, f"S-{number}", channels=("email", "sms"))
    await push(flow, "P-1", "P-2", "P-3", **ONE_CAN_APPLY)
    flow.clock.advance(TUESDAY - NOW)
    assert await gather_digests(flow.desk) == 10
    await sweep(flow)
    assert [len(message.content.entries) for message in mails(flow)] == [3] * 5
    assert [len(message.content.entries) for message in mails(flow, "sms")] == [3] * 5


async def test_a_digest_that_breaks_off_while_it_is_made_leaves_nothing_behind(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    flow.clock.advance(TUESDAY - NOW)
    real = digests.insert_new

    def killed_after_the_campaign(conn: Any, table: Any) -> Any:
        if table.name == "deliveries":
            raise Killed
        return real(conn, table)

    monkeypatch.setattr(digests, "insert_new", killed_after_the_campaign)
    with pytest.raises(Killed):
        await gather_digests(flow.desk)
    assert await digest_rows(flow) == []
    assert {row["digest_id"] for row in await flow.rows()} == {None}
    monkeypatch.setattr(digests, "insert_new", real)
    await sweep(flow)
    assert [len(message.content.entries) for message in mails(flow)] == [2]


async def test_a_restart_between_making_and_handing_over_loses_nothing(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", "P-2")
    flow.clock.advance(TUESDAY - NOW)
    assert await gather_digests(flow.desk) == 1
    assert mails(flow) == []  # the process ends here; the next one finds a planned row
    await sweep(flow)
    assert [len(message.content.entries) for message in mails(flow)] == [2]


async def test_a_restart_while_a_digest_is_being_sent_sends_it_again_under_its_id(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(flow, channels=("email", "sms"))
    await push(flow, "P-1", "P-2", **ONE_CAN_APPLY)
    flow.clock.advance(TUESDAY - NOW)
    real = deliver_step.settle

    async def killed(*given: Any) -> None:
        raise Killed

    monkeypatch.setattr(deliver_step, "settle", killed)
    with pytest.raises(ExceptionGroup):
        await sweep(flow)
    with pytest.raises(ExceptionGroup):
        await flow.pump()
    monkeypatch.setattr(deliver_step, "settle", real)
    assert {row["state"] for row in await items(flow)} == {"held"}
    flow.clock.advance(flow.desk.lease + SECOND)
    await end_leases(flow.desk)
    await sweep(flow)
    assert len({message.delivery_id for message in mails(flow)}) == 1
    assert len(mails(flow)) == 2
    assert {row["state"] for row in await items(flow, channel="email")} == {"sent"}
    assert len(mails(flow, "sms")) == 1, "a text that may have arrived is never repeated"
    assert {row["state"] for row in await flow.rows(channel="sms")} == {"unknown"}
    await until(flow, TUESDAY + DAY)
    assert len(mails(flow)) == 2


async def test_who_comes_back_after_its_lease_changes_neither_the_digest_nor_its_items(flow: Flow) -> None:
    await join(flow)
    await push(flow)
    channel = flow.channels["email"]

    async def slow() -> None:
        channel.meanwhile = None
        flow.clock.advance(flow.desk.lease + SECOND)
        await end_leases(flow.desk)
        async with flow.record.write() as conn:  # somebody else has it now
            ids = [row["delivery_id"] for row in await digest_rows(flow)]
            assert len(await claim(conn, ids, "other", flow.clock.now(), flow.desk.lease)) == 1

    channel.meanwhile = slow
    await until(flow, TUESDAY)
    assert [(row["state"], row["claim"]) for row in await digest_rows(flow)] == [("claimed", "other")]
    assert [(row["state"], row["reason"]) for row in await items(flow)] == [("held", "digest")]


async def test_a_row_that_is_late_for_its_digest_comes_with_the_next(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(flow)
    await push(flow, "P-1", title="甲政策")
    flow.clock.advance(TUESDAY - SECOND - NOW)
    late = await flow.campaign("P-2", title="乙政策")
    await flow.pump("match.tasks")
    (row,) = await flow.rows(campaign_id=late)
    real = deliver_step.written

    async def only_after_the_boundary(*given: Any) -> None:
        monkeypatch.setattr(deliver_step, "written", real)
        await until(flow, TUESDAY)
        assert [titles(message) for message in mails(flow)] == [["甲政策"]]
        await real(*given)

    # It is judged a second before the boundary, and that is written when the digest is gone.
    monkeypatch.setattr(deliver_step, "written", only_after_the_boundary)
    await flow.deliver("email", [row["delivery_id"]])
    assert (await flow.row(campaign_id=late))["due_at"] == TUESDAY
    for _ in range(3):
        await sweep(flow)
    assert len(mails(flow)) == 1, "there were two digests at one boundary"
    assert [(one["state"], one["reason"], one["due_at"]) for one in await flow.rows(campaign_id=late)] == [
        ("held", "digest", TUESDAY + DAY)
    ]
    await until(flow, TUESDAY + DAY)
    assert [titles(message) for message in mails(flow)] == [["甲政策"], ["乙政策"]]


async def test_boundaries_missed_while_nobody_swept_are_one_late_digest(flow: Flow) -> None:
    await join(flow)
    await push(flow, "P-1", title="甲政策")
    flow.clock.advance(DAY)
    await push(flow, "P-2", title="乙政策")  # the channels work, the scheduler is down
    await until(flow, TUESDAY + 2 * DAY + timedelta(hours=5))
    assert [titles(message) for message in mails(flow)] == [["甲政策", "乙政策"]]
    await push(flow, "P-3", title="丙政策")
    await until(flow, TUESDAY + 3 * DAY)
    assert [titles(message) for message in mails(flow)] == [["甲政策", "乙政策"], ["丙政策"]]
    assert len(await digest_rows(flow)) == 2


# -- text messages ---------------------------------------------------------------------------------------------------


async def test_a_text_message_at_night_is_held_until_eight(flow: Flow) -> None:
    flow.clock.advance(timedelta(hours=11, minutes=30))  # 21:30
    await flow.subscriber(channels=("sms", "email"))
    await push(flow, **ONE_CAN_APPLY)
    (row,) = await flow.rows(channel="sms")
    assert (row["state"], row["reason"], row["due_at"]) == (
        "held",
        "sms_hours",
        TUESDAY - timedelta(minutes=30),
    )
    assert len(mails(flow)) == 1
    await until(flow, TUESDAY - timedelta(minutes=30))
    assert len(mails(flow, "sms")) == 1
