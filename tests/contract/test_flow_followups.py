"""What follows a release, on a real record: planned, moved, cancelled, worked off once whatever breaks in between."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.calendar import WorkingDays, YearOverride
from config.clock import SHANGHAI
from config.database.schema import agency_tasks, campaigns, due_items
from service.demo.policies import demo_policies
from streams.followups.agency_tasks import open_tasks
from streams.followups.due import recount_provisional, run_due
from streams.followups.plans import plan_rows
from streams.followups.rules import TASKS
from streams.log import LogUnavailable, Position
from streams.names import POLICIES_RELEASED
from streams.sweeps import hand_over_due
from tests.support.flow import AGENCY, Flow, policy

WINDOW = {"opens": "2026-03-01", "closes": "2026-03-31"}


def at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


async def till(flow: Flow, day: str, hour: int = 9) -> None:
    """Let the clock run to that hour in Shanghai."""
    flow.clock.advance(at(day, hour) - flow.clock.now())


async def states(flow: Flow, policy_id: str = "P-1") -> dict[str, tuple[str, str | None]]:
    """The plan: state and reason by occurrence."""
    async with flow.record.read() as conn:
        return {
            row["occurrence"]: (row["state"], row["reason"])
            for row in await plan_rows(conn, AGENCY, policy_id)
        }


async def dues(flow: Flow, policy_id: str = "P-1") -> dict[str, datetime]:
    async with flow.record.read() as conn:
        return {row["occurrence"]: row["due_at"] for row in await plan_rows(conn, AGENCY, policy_id)}


async def opened(flow: Flow, occurrence: str) -> list[str]:
    """The campaigns of an occurrence."""
    async with flow.record.read() as conn:
        found = await conn.scalars(
            select(campaigns.c.campaign_id).where(campaigns.c.occurrence == occurrence)
        )
        return list(found)


async def tasks(flow: Flow) -> Counter[str]:
    async with flow.record.read() as conn:
        return Counter(await conn.scalars(select(agency_tasks.c.kind)))


async def amend(flow: Flow, revision: int, **changes: Any) -> None:
    status = await flow.tell("policy.amended", policy(revision=revision, **changes))
    assert status.status == "accepted", status.reason
    await flow.release(revision=revision)
    await flow.pump()


# -- planned ---------------------------------------------------------------------------------------------------------


async def test_a_release_plans_what_follows_and_a_second_dispatch_changes_nothing(flow: Flow) -> None:
    await flow.campaign(apply_window=WINDOW, effective_date="2026-04-01", valid_until="2027-03-31")
    plan = await states(flow)
    assert plan == {
        "interpretation_missing": ("planned", None),
        "reminder:15:2026-03-31": ("planned", None),
        "reminder:3:2026-03-31": ("planned", None),
        "reminder:1:2026-03-31": ("planned", None),
        "effective:2026-04-01": ("planned", None),
        "tracking:1": ("planned", None),
        "expiry:2027-03-31": ("planned", None),
    }
    when = await dues(flow)
    assert when["reminder:3:2026-03-31"] == at("2026-03-26")
    flow.clock.advance(timedelta(days=40))
    await flow.step(flow.log.on(POLICIES_RELEASED)[0])
    assert (await states(flow), await dues(flow)) == (plan, when)


async def test_an_interpretation_in_the_package_is_not_asked_for(flow: Flow) -> None:
    await flow.campaign(interpretations=[{"title": "一图读懂", "body": "要点"}])
    assert set(await states(flow)) == {"tracking:1"}


async def test_a_window_moved_moves_its_reminders(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await till(flow, "2026-03-10")
    assert await run_due(flow.desk) == 2  # the reminder of 15 days, and the interpretation
    await flow.pump()
    await amend(flow, 2, apply_window=WINDOW | {"closes": "2026-04-30"})
    plan = {name: how for name, how in (await states(flow)).items() if name.startswith("reminder")}
    assert plan == {
        "reminder:15:2026-03-31": ("done", None),
        "reminder:3:2026-03-31": ("cancelled", "amended"),
        "reminder:1:2026-03-31": ("cancelled", "amended"),
        "reminder:15:2026-04-30": ("planned", None),
        "reminder:3:2026-04-30": ("planned", None),
        "reminder:1:2026-04-30": ("planned", None),
    }
    await amend(flow, 3, apply_window=WINDOW)
    plan = await states(flow)
    assert plan["reminder:3:2026-03-31"] == ("planned", None)
    assert plan["reminder:3:2026-04-30"] == ("cancelled", "amended")
    assert plan["reminder:15:2026-03-31"] == ("done", None)


async def test_what_an_amendment_does_not_touch_stays_and_follows_the_new_revision(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    before = await dues(flow)
    await amend(flow, 2, apply_window=WINDOW, title="关于支持软件产业发展的若干措施（修订）")
    assert await dues(flow) == before
    await till(flow, "2026-03-26")
    await run_due(flow.desk)
    await flow.pump()
    (row,) = [
        one for one in await flow.rows() if one["campaign_id"] in await opened(flow, "reminder:3:2026-03-31")
    ]
    assert row["state"] == "sent"
    assert flow.channels["email"].sent[-1].content.title.endswith("（修订）")


async def test_a_repeal_cancels_everything_that_is_left(flow: Flow) -> None:
    await flow.campaign(apply_window=WINDOW, valid_until="2026-12-31")
    await till(flow, "2026-03-10")
    await run_due(flow.desk)
    await flow.pump()
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    assert Counter((await states(flow)).values()) == {("done", None): 2, ("cancelled", "repealed"): 4}
    async with flow.record.read() as conn:
        assert (
            await open_tasks(conn, AGENCY) == []
        )  # the interpretation that was asked for is not missed any more
    flow.clock.advance(timedelta(days=400))
    assert await run_due(flow.desk) == 0


# -- worked off ------------------------------------------------------------------------------------------------------


async def test_a_reminder_goes_to_those_who_got_the_policy_and_still_want_it(flow: Flow) -> None:
    for subscriber_id in ("S-1", "S-2"):
        await flow.subscriber(subscriber_id, channels=("email", "space"))
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await flow.subscriber("S-2", criteria={})
    await till(flow, "2026-03-26")
    await run_due(flow.desk)
    await flow.pump()
    (campaign,) = await opened(flow, "reminder:3:2026-03-31")
    rows = {
        (row["subscriber_id"], row["channel"]): row["state"] for row in await flow.rows(campaign_id=campaign)
    }
    assert rows == {
        ("S-1", "email"): "sent",
        ("S-1", "space"): "sent",
        ("S-2", "email"): "suppressed",
        ("S-2", "space"): "suppressed",
    }
    assert flow.channels["email"].sent[-1].content.days_left == 3


async def test_who_was_told_of_an_amendment_and_unsubscribed_since_gets_no_reminder(flow: Flow) -> None:
    for subscriber_id in ("S-1", "S-2"):
        await flow.subscriber(subscriber_id)
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await amend(flow, 2, apply_window=WINDOW, title="若干措施（修订）")
    await flow.subscriber("S-2", criteria={})
    await till(flow, "2026-03-26")
    await run_due(flow.desk)
    await flow.pump()
    (campaign,) = await opened(flow, "reminder:3:2026-03-31")
    rows = {row["subscriber_id"]: row["state"] for row in await flow.rows(campaign_id=campaign)}
    assert rows == {"S-1": "sent", "S-2": "suppressed"}


async def test_whom_an_amendment_names_no_longer_gets_nothing_that_follows_it(flow: Flow) -> None:
    for subscriber_id in ("S-1", "S-2"):
        await flow.subscriber(subscriber_id, channels=("space",))
    await flow.campaign(apply_window=WINDOW, audience_scope={"subscribers": ["S-1", "S-2"]})
    await flow.pump()
    await amend(flow, 2, apply_window=WINDOW, audience_scope={"subscribers": ["S-1"]})
    await till(flow, "2026-03-26")
    await run_due(flow.desk)
    await flow.pump()
    (campaign,) = await opened(flow, "reminder:3:2026-03-31")
    assert [row["subscriber_id"] for row in await flow.rows(campaign_id=campaign)] == ["S-1"]


async def test_a_reminder_that_was_held_says_what_is_left_when_it_goes(flow: Flow) -> None:
    await flow.subscriber(preferences={"quiet_hours": {"from": "08:00", "to": "09:30"}})
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await till(flow, "2026-03-26")
    await run_due(flow.desk)
    await flow.pump()
    assert [message.content.days_left for message in flow.channels["email"].sent] == [None]
    await till(flow, "2026-03-30", 11)  # Monday: that day and no other before the last
    await hand_over_due(flow.desk)
    await flow.pump()
    assert flow.channels["email"].sent[-1].content.days_left == 1


async def test_after_downtime_of_two_late_reminders_only_the_nearer_one_goes(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await till(flow, "2026-03-27")
    await run_due(flow.desk)
    await flow.pump()
    plan = await states(flow)
    assert plan["reminder:15:2026-03-31"] == ("dropped", "past_deadline")
    assert plan["reminder:3:2026-03-31"] == ("done", None)
    assert [message.content.days_left for message in flow.channels["email"].sent] == [None, 2]


async def test_after_downtime_what_is_late_goes_once_and_what_is_too_late_says_so(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window=WINDOW, effective_date="2026-03-20", valid_until="2026-04-10")
    await flow.pump()
    await till(flow, "2026-04-02")
    await run_due(flow.desk)
    await flow.pump()
    plan = await states(flow)
    assert plan["effective:2026-03-20"] == ("done", None)
    assert {plan[f"reminder:{days}:2026-03-31"] for days in (15, 3, 1)} == {("dropped", "past_deadline")}
    assert plan["expiry:2026-04-10"] == ("planned", None)
    await till(flow, "2026-06-30")
    await run_due(flow.desk)
    await flow.pump()
    plan = await states(flow)
    assert plan["expiry:2026-04-10"] == ("done", None)
    assert plan["tracking:1"] == ("dropped", "past_deadline")
    told = [message.content.occasion.value for message in flow.channels["email"].sent]
    assert told == ["policy", "effective", "expiry"]  # the notice of its end goes although it has ended
    assert await run_due(flow.desk) == 0


async def test_an_interpretation_that_is_missing_is_asked_of_the_agency_once(flow: Flow) -> None:
    await flow.campaign()
    await till(flow, "2026-03-05", 8)
    assert await run_due(flow.desk) == 0
    await till(flow, "2026-03-05", 9)  # three working days after Monday the 2nd
    assert sum(await asyncio.gather(run_due(flow.desk), run_due(flow.desk))) == 1
    assert await tasks(flow) == {"interpretation_missing": 1}


async def test_an_interpretation_that_came_in_time_is_not_asked_for(flow: Flow) -> None:
    await flow.campaign()
    told = {"policy_id": "P-1", "interpretation": {"interpretation_id": "i", "title": "解读", "body": "要点"}}
    assert (await flow.tell("interpretation.published", told)).status == "accepted"
    flow.clock.advance(timedelta(hours=1))
    released = {"policy_id": "P-1", "id": "i", "revision": 1}
    status = await flow.tell("interpretation.released", released, "reviewer")
    assert status.status == "accepted", status.reason
    await till(flow, "2026-03-05")
    assert await run_due(flow.desk) == 1  # also where the plan has not been told of it yet
    assert (await states(flow))["interpretation_missing"] == ("cancelled", "interpreted")
    assert await tasks(flow) == {}


async def test_a_released_interpretation_takes_its_question_out_of_the_plan(flow: Flow) -> None:
    await flow.campaign()
    told = {"policy_id": "P-1", "interpretation": {"interpretation_id": "i", "title": "解读", "body": "要点"}}
    await flow.tell("interpretation.published", told)
    await flow.tell("interpretation.released", {"policy_id": "P-1", "id": "i", "revision": 1}, "reviewer")
    await flow.pump()
    assert (await states(flow))["interpretation_missing"] == ("cancelled", "interpreted")


async def test_what_need_not_be_interpreted_is_not_asked_for(flow: Flow) -> None:
    await flow.campaign(kind="notice", title="公示", body="现予公示。")
    assert await states(flow) == {}


async def test_three_sweepers_at_once_settle_each_item_once_and_open_one_campaign(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign(apply_window=WINDOW)
    await flow.pump()
    await till(flow, "2026-03-10")
    assert sum(await asyncio.gather(*(run_due(flow.desk) for _ in range(3)))) == 2
    await flow.pump()
    (campaign,) = await opened(flow, "reminder:15:2026-03-31")
    assert (await flow.row(campaign_id=campaign))["attempts"] == 1
    assert len(flow.channels["email"].sent) == 2


async def test_while_the_log_is_away_nothing_is_marked_done(flow: Flow) -> None:
    await flow.campaign(apply_window=WINDOW)
    await till(flow, "2026-03-10")
    flow.log.breaks[POLICIES_RELEASED] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await run_due(flow.desk)
    assert (await states(flow))["reminder:15:2026-03-31"] == ("planned", None)
    flow.log.breaks.clear()
    assert await run_due(flow.desk) >= 1
    assert (await states(flow))["reminder:15:2026-03-31"] == ("done", None)


async def test_a_revision_released_but_not_yet_dispatched_gets_its_plan_before_anything_old_runs(
    flow: Flow,
) -> None:
    await flow.campaign(apply_window=WINDOW)
    await flow.tell("policy.amended", policy(revision=2, apply_window=WINDOW | {"closes": "2026-04-30"}))
    await till(flow, "2026-03-26")
    released = {"policy_id": "P-1", "revision": 2}
    assert (await flow.tell("policy.released", released, "reviewer")).status == "accepted"
    await run_due(flow.desk)
    await run_due(flow.desk)
    plan = await states(flow)
    assert plan["reminder:3:2026-03-31"] == ("cancelled", "amended")
    assert plan["reminder:15:2026-04-30"] == ("planned", None)
    assert not await opened(flow, "reminder:3:2026-03-31")


async def test_a_year_that_is_announced_later_is_counted_anew(flow: Flow) -> None:
    await till(flow, "2026-11-02")
    await flow.campaign(apply_window={"closes": "2027-01-08"})
    before = await dues(flow)
    days = {2027: YearOverride(frozenset({date(2027, 1, 1), date(2027, 1, 5)}), frozenset(), announced=True)}
    object.__setattr__(flow.desk, "calendar", WorkingDays(days))
    assert await recount_provisional(flow.desk) == 1
    after = await dues(flow)
    assert before["reminder:3:2027-01-08"] == at("2027-01-05")
    assert after["reminder:3:2027-01-08"] == at("2027-01-04")
    async with flow.record.read() as conn:
        assert not (await conn.execute(select(due_items).where(due_items.c.provisional.is_(True)))).first()


# -- a year ----------------------------------------------------------------------------------------------------------

EVERYTHING = {"any": [{"all": [{"region": "310000"}]}]}
NEW_YEAR, YEAR_END = "2026-01-01", "2026-12-31"
NAMED = "demo-park-targeted"
EXPLAINS_ANOTHER = (
    "demo-rnd-interpretation"  # nothing follows it: it has no date, and needs no interpretation
)


async def play_day(flow: Flow, number: int) -> None:
    """Two sweepers at nine; every third day the first one dies between asking for a campaign and noting it."""
    produce = flow.desk.log.produce

    async def dies(*given: Any, **named: Any) -> Position:
        await produce(*given, **named)
        flow.desk.log.produce = produce
        raise ConnectionError("killed between the log and the record")

    if number % 3 == 0:
        flow.desk.log.produce = dies
    await asyncio.gather(run_due(flow.desk), run_due(flow.desk), return_exceptions=True)
    flow.desk.log.produce = produce
    await run_due(flow.desk)
    if flow.log.messages:
        await flow.pump()
        flow.log.messages.clear()


@pytest.mark.parametrize(
    "record_url",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])],
    indirect=True,
)
async def test_a_year_of_follow_ups_for_the_demo_policies(flow: Flow) -> None:
    await till(flow, NEW_YEAR, 0)
    for subscriber_id in ("demo-0001", "demo-0002", "S-3"):
        channels = ("email", "space") if subscriber_id != "S-3" else ("space",)
        await flow.announce(await flow.subscriber(subscriber_id, EVERYTHING, channels))
    await flow.pump()
    papers = {str(data["policy_id"]): data for data in demo_policies(date.fromisoformat(NEW_YEAR))}
    for data in papers.values():
        await flow.tell("policy.published", data)
        await flow.release(str(data["policy_id"]))
        await flow.pump()
    flow.log.messages.clear()
    for number in range(365):
        await till(flow, str(date.fromisoformat(NEW_YEAR) + timedelta(days=number)))
        if number == 19:
            moved = papers["demo-srdi"] | {"apply_window": {"opens": "2026-01-01", "closes": "2026-02-27"}}
            await flow.tell("policy.amended", moved)
            await flow.release("demo-srdi", 2)
        if number == 40:
            await flow.tell("policy.repealed", {"policy_id": "demo-export-credit"})
        await play_day(flow, number)
    await assert_the_year_is_accounted_for(flow, papers)


async def assert_the_year_is_accounted_for(flow: Flow, papers: dict[str, Any]) -> None:
    async with flow.record.read() as conn:
        items = (await conn.execute(select(due_items))).mappings().all()
        opened = Counter(
            (row.policy_id, row.occurrence)
            for row in await conn.execute(select(campaigns.c.policy_id, campaigns.c.occurrence))
        )
    assert {item["policy_id"] for item in items} == set(papers) - {EXPLAINS_ANOTHER}
    over = [item for item in items if item["due_at"] <= flow.clock.now()]
    assert len(over) > 25
    assert not [item for item in over if item["state"] == "planned"]
    assert not [item for item in items if item["state"] in ("dropped", "cancelled") and not item["reason"]]
    assert not [item for item in items if item["due_at"] > flow.clock.now() and item["state"] == "done"]
    pushed = [item for item in items if item["state"] == "done" and item["kind"] not in TASKS]
    assert len(pushed) > 20
    for item in pushed:
        assert opened[item["policy_id"], item["occurrence"]] == 1, item["occurrence"]
    follow_ups = {name for _, name in opened} - {"policy", "repeal"}
    assert follow_ups <= {item["occurrence"] for item in pushed}
    await each_recipient_got_each_once(flow, pushed)
    await srdi_was_moved_and_export_credit_cancelled(flow)
    for item in items:
        day = item["due_at"].astimezone(SHANGHAI).date()
        if item["kind"] in ("reminder", *TASKS) and day.year == 2026:
            assert flow.desk.calendar.is_working(day), (item["occurrence"], day)
    assert await tasks(flow) == Counter(
        item["occurrence"] for item in items if item["kind"] in TASKS and item["state"] == "done"
    )


async def each_recipient_got_each_once(flow: Flow, pushed: list[Any]) -> None:
    async with flow.record.read() as conn:
        table = {
            row.campaign_id: (row.policy_id, row.occurrence)
            for row in await conn.execute(
                select(campaigns.c.campaign_id, campaigns.c.policy_id, campaigns.c.occurrence)
            )
        }
    got: Counter[tuple[str, str, str, str]] = Counter()
    for row in await flow.rows():
        name, occurrence = table[row["campaign_id"]]
        got[name, occurrence, row["subscriber_id"], row["channel"]] += 1
        assert row["state"] == "sent", (name, occurrence, row["state"], row["reason"])
        assert row["attempts"] == 1
    originals = {key for key in got if key[1] == "policy"}
    for item in pushed:
        mine = {key for key in got if key[:2] == (item["policy_id"], item["occurrence"])}
        assert {key[2:] for key in mine} == {key[2:] for key in originals if key[0] == item["policy_id"]}
        assert {got[key] for key in mine} <= {1}
    assert {who for name, _, who, _ in originals if name == NAMED} == {"demo-0001", "demo-0002"}


async def srdi_was_moved_and_export_credit_cancelled(flow: Flow) -> None:
    when, plan = await dues(flow, "demo-srdi"), await states(flow, "demo-srdi")
    assert plan["reminder:3:2026-01-31"] == ("cancelled", "amended")
    assert (when["reminder:15:2026-02-27"], plan["reminder:15:2026-02-27"]) == (
        at("2026-01-30"),  # Spring Festival lies between, and the Saturday before it is worked
        ("done", None),
    )
    assert (when["reminder:3:2026-02-27"], plan["reminder:3:2026-02-27"]) == (
        at("2026-02-24"),
        ("done", None),
    )
    plan = await states(flow, "demo-export-credit")
    assert plan["reminder:15:2026-03-02"] == ("done", None)
    assert {plan[f"reminder:{days}:2026-03-02"] for days in (3, 1)} == {("cancelled", "repealed")}
    assert plan["tracking:1"] == ("cancelled", "repealed")
