"""Rule 2 and the hours of text messages in the flow: what gets a row for SMS, when it goes, and who stops it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.names import MATCH_TASKS
from streams.sweeps import hand_over_due
from subscribers.by_number import close_number
from tests.support.flow import Flow
from tests.support.previews import answered

MUTE: dict[str, Any] = {"matter_codes": None, "labels": ["industry:I65", "action:inform"]}
BOTH = ("email", "sms")


async def channels(flow: Flow, **wanted: Any) -> list[str]:
    return [row["channel"] for row in await flow.rows(**wanted)]


async def test_what_one_cannot_act_on_has_no_row_for_sms_and_still_reaches_the_other_channels(
    flow: Flow,
) -> None:
    await flow.subscriber("S-1", channels=BOTH)
    await flow.subscriber("S-2", channels=("sms",))
    await flow.campaign(**MUTE)
    await flow.pump()
    assert await channels(flow) == ["email"]
    assert ((await flow.funnel()).matched, (await flow.funnel()).planned) == (2, 1)
    assert flow.channels["sms"].sent == []


@pytest.mark.parametrize(
    "data",
    [
        {"labels": ["industry:I65", "action:apply"]},
        {"apply_url": "https://apply.example.cn/"},
        {"matter_codes": ["M-1"]},
        {"apply_window": {"closes": "2026-03-02"}},
    ],
)
async def test_what_one_can_act_on_goes_by_sms(flow: Flow, data: dict[str, Any]) -> None:
    await flow.subscriber("S-1", channels=BOTH)
    await flow.campaign(**(MUTE | data))
    await flow.pump()
    assert await channels(flow) == ["email", "sms"]


async def test_a_preview_foresees_no_sms_where_none_will_go(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=BOTH)

    async def foreseen(**changes: Any) -> dict[str, Any]:
        return dict((await answered(flow, **changes))["by_channel"])

    assert await foreseen() == {"email": 1, "sms": 1}
    assert await foreseen(**MUTE) == {"email": 1}


async def test_a_repeal_goes_by_sms_to_those_only_who_had_it_by_sms(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=BOTH)
    await flow.subscriber("S-2", channels=("email",))
    await flow.campaign()
    await flow.pump()
    await flow.subscriber("S-3", channels=BOTH)
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "由新办法替代"})
    await flow.pump()
    told = [message for message in flow.channels["sms"].sent if message.occurrence == "repeal"]
    assert [message.subscriber_id for message in told] == ["S-1"]
    mailed = [message for message in flow.channels["email"].sent if message.occurrence == "repeal"]
    assert sorted(message.subscriber_id for message in mailed) == ["S-1", "S-2"]


async def test_an_amendment_that_takes_the_action_away_is_told_by_sms_to_those_only_who_had_it_so(
    flow: Flow,
) -> None:
    await flow.subscriber("S-1", channels=("sms",))
    await flow.campaign()
    await flow.pump()
    change = await flow.subscriber("S-2", channels=("sms",))
    await flow.announce(change)
    await flow.campaign(**MUTE, body="各有关单位：原申报事项取消。")
    await flow.pump()
    assert [message.subscriber_id for message in flow.channels["sms"].sent] == ["S-1", "S-1"]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 2, 13, 30, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),  # 21:30 → 08:00
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),  # 21:00 → 08:00
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),  # 07:59 → 08:00
    ],
)
async def test_outside_its_hours_a_text_is_held_and_goes_at_eight(
    flow: Flow, now: datetime, until: datetime
) -> None:
    flow.clock.advance(now - flow.clock.now())
    await flow.subscriber("S-1", channels=BOTH)
    await flow.campaign()
    await flow.pump()
    row = await flow.row(channel="sms")
    assert (row["state"], row["reason"], row["due_at"]) == ("held", "sms_hours", until)
    assert (await flow.row(channel="email"))["state"] == "sent"
    flow.clock.advance(until - flow.clock.now() - timedelta(seconds=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    assert flow.channels["sms"].sent == []
    flow.clock.advance(timedelta(seconds=1))
    await hand_over_due(flow.desk)
    await flow.pump()
    assert len(flow.channels["sms"].sent) == 1


async def test_who_replies_between_match_and_send_gets_nothing(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=BOTH)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    number = f"138{sum(b'S-1'):08d}"
    async with flow.record.write() as conn:
        changes = await close_number(conn, flow.desk.vault, number, now=flow.clock.now())
    assert [change.subscriber_id for change in changes] == ["S-1"]
    await flow.pump()
    row = await flow.row(channel="sms")
    assert (row["state"], row["reason"]) == ("suppressed", "opted_out")
    assert (await flow.row(channel="email"))["state"] == "sent"
