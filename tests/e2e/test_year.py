"""A year of the demo's follow-ups on a simulated clock, in a real service that is killed three times on the way."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from config.calendar import WorkingDays
from config.clock import SHANGHAI, SimulatedClock, SystemClock
from config.database import open_record
from config.database.schema import agency_tasks, campaigns, deliveries, due_items
from service.demo.policies import demo_policies
from streams.followups.rules import TASKS, end_of
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.service import ServiceProcess

START = "2026-01-01T00:00:00+08:00"
# Until the windows have closed (in March) slowly enough that a reminder one working day ahead has some seconds.
SLOW, FAST = "45000", "400000"
KILLS = (("2026-02-10", SLOW), ("2026-03-20", FAST))  # the day, and the speed afterwards
END = date(2027, 1, 4)
PATIENCE_S = 120.0
REACHED = ("sent", "delivered")
FINAL = (*REACHED, "expired", "suppressed", "superseded", "failed")

Way = tuple[str, str, str]  # subscriber, channel, contact


@pytest.mark.slow
@pytest.mark.alone
def test_a_year_with_three_kills_settles_every_item_once(tmp_path: Path) -> None:
    service = ServiceProcess(
        tmp_path,
        ZHENGDA_DEMO="1",
        ZHENGDA_CLOCK_START=START,
        ZHENGDA_CLOCK_SPEED="1",
        ZHENGDA_LEASE_S="5",
        ZHENGDA_LOST_AFTER_S="5",
    )
    try:
        service.start()
        originals = loaded(service)
        kill_and_go_on(service, SLOW)
        for day, speed in KILLS:
            live_until(service, date.fromisoformat(day))
            kill_and_go_on(service, speed)
        live_until(service, END)
        settled(service)
        items, rows, tasks = read(service)
        every_item_has_ended(items, domain_now(service))
        working_days_were_respected(items)
        each_campaign_reached_those_who_got_the_original(items, rows, originals)
        nothing_was_sent_after_its_window(rows, items)
        asked = Counter(
            item["occurrence"] for item in items if item["kind"] in TASKS and item["state"] == "done"
        )
        assert tasks == asked
        print(account(items, rows))
    finally:
        service.close()


# -- the year --------------------------------------------------------------------------------------------------------


def loaded(service: ServiceProcess) -> dict[str, set[Way]]:
    """Wait for the demo; returns who got which policy, and how."""
    keys = service.keys
    assert keys.publisher_key
    assert keys.reviewer_key
    assert wait_until(lambda: bool(service.events("demo.loaded")), PATIENCE_S, every_s=0.2), (
        service.last_words()
    )
    office = Office(service.url, keys.operator_key)
    agency = Agency("demo", keys.publisher_key, keys.reviewer_key)
    for data in demo_policies(date(2026, 1, 1)):
        office.wait_complete(agency, str(data["policy_id"]))
    _, rows, _ = read(service)
    reached: dict[str, set[Way]] = {}
    for row in rows:
        if row["state"] in REACHED:
            reached.setdefault(row["policy_id"], set()).add(way(row))
    assert len(reached) == 12
    return reached


def kill_and_go_on(service: ServiceProcess, speed: str) -> None:
    service.kill9()
    service.change(ZHENGDA_CLOCK_SPEED=speed)
    service.start()


def live_until(service: ServiceProcess, day: date) -> None:
    """Wait until the service's own clock shows that day in Shanghai."""
    while domain_now(service).astimezone(SHANGHAI).date() < day:
        assert service.pid, service.last_words()
        time.sleep(0.2)


def domain_now(service: ServiceProcess) -> datetime:
    """What the clock of the record shows."""
    with closing(sqlite3.connect(service.data / "record.db", timeout=30)) as conn:
        (kept,) = conn.execute("SELECT value FROM installation WHERE name = 'clock'").fetchone()
    told = orjson.loads(kept)
    real, domain = (datetime.fromisoformat(told[name]) for name in ("real", "domain"))
    return SimulatedClock(SystemClock(), real=real, domain=domain, speed=told["speed"]).now()


def settled(service: ServiceProcess) -> None:
    """Wait until nothing that was due by the end is open any more."""
    end = datetime.combine(END, datetime.min.time(), SHANGHAI).astimezone(UTC)

    def done() -> bool:
        items, rows, _ = read(service)
        due = {(item["policy_id"], item["occurrence"]) for item in items if item["due_at"] <= end}
        waiting = [item for item in items if item["due_at"] <= end and item["state"] == "planned"]
        mine = [row for row in rows if (row["policy_id"], row["occurrence"]) in due]
        return not waiting and all(row["state"] in FINAL for row in mine)

    assert wait_until(done, PATIENCE_S, every_s=1.0), service.last_words()


# -- the account -----------------------------------------------------------------------------------------------------


def read(
    service: ServiceProcess,
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], Counter[str]]:
    """The plans, the ledger with its policies and occasions, and the agency's tasks by kind."""

    async def ask() -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], Counter[str]]:
        record = open_record(f"sqlite+aiosqlite:///{service.data / 'record.db'}")
        joined = select(deliveries, campaigns.c.policy_id, campaigns.c.occurrence, campaigns.c.revision).join(
            campaigns, campaigns.c.campaign_id == deliveries.c.campaign_id
        )
        try:
            async with record.read() as conn:
                items = (await conn.execute(select(due_items))).mappings().all()
                rows = (await conn.execute(joined)).mappings().all()
                tasks = Counter(await conn.scalars(select(agency_tasks.c.kind)))
        finally:
            await record.close()
        return list(items), list(rows), tasks

    return asyncio.run(ask())


def way(row: Mapping[str, Any]) -> Way:
    return row["subscriber_id"], row["channel"], row["contact_id"]


def every_item_has_ended(items: list[Mapping[str, Any]], now: datetime) -> None:
    assert len({item["policy_id"] for item in items}) == 11  # an interpretation of another paper has no dates
    year = datetime.combine(END, datetime.min.time(), SHANGHAI)
    over = [item for item in items if item["due_at"] <= year]
    assert len(over) > 25
    assert Counter(item["state"] for item in over)["planned"] == 0
    assert not [item for item in items if item["state"] in ("dropped", "cancelled") and not item["reason"]]
    assert not [item for item in items if item["state"] == "done" and item["settled_at"] < item["due_at"]]
    later = {item["state"] for item in items if item["due_at"] > now}
    assert later == {"planned"}, "what was still to come has been touched"


def working_days_were_respected(items: list[Mapping[str, Any]]) -> None:
    calendar = WorkingDays()
    counted = [item for item in items if item["kind"] in ("reminder", *TASKS)]
    days = {item["due_at"].astimezone(SHANGHAI).date() for item in counted}
    assert all(calendar.is_working(day) for day in days)
    assert not any(item["provisional"] for item in counted)
    for item in counted:
        if item["kind"] == "reminder":
            _, number, closes = item["occurrence"].split(":")
            day = item["due_at"].astimezone(SHANGHAI).date()
            assert calendar.until(day, date.fromisoformat(closes)) == int(number)


def each_campaign_reached_those_who_got_the_original(
    items: list[Mapping[str, Any]], rows: list[Mapping[str, Any]], originals: dict[str, set[Way]]
) -> None:
    """One ledger row per recipient and way, and no row of an occasion that was not due."""
    pushed = {
        (item["policy_id"], item["occurrence"])
        for item in items
        if item["state"] == "done" and item["kind"] not in TASKS
    }
    assert len(pushed) > 15
    got: dict[tuple[str, str], Counter[Way]] = {}
    first: dict[str, set[Way]] = {}
    for row in rows:
        if row["occurrence"] == "policy":
            first.setdefault(row["policy_id"], set()).add(way(row))
        else:
            got.setdefault((row["policy_id"], row["occurrence"]), Counter())[way(row)] += 1
    assert set(got) == pushed
    for (policy_id, occurrence), ways in got.items():
        assert set(ways.values()) == {1}, f"{policy_id} {occurrence}: {ways.most_common(2)}"
        assert originals[policy_id] <= set(ways) <= first[policy_id], f"{policy_id} {occurrence}"


def nothing_was_sent_after_its_window(rows: list[Mapping[str, Any]], items: list[Mapping[str, Any]]) -> None:
    # What was judged in time is noted as sent when it is: two real seconds lie between at most.
    tolerance = timedelta(seconds=2 * float(SLOW))
    reminders = [row for row in rows if row["occurrence"].startswith("reminder")]
    for row in reminders:
        if row["sent_at"] is not None:
            closes = end_of(date.fromisoformat(row["occurrence"].split(":")[2]))
            assert closes is not None
            assert row["sent_at"] < closes + tolerance, row["occurrence"]
    assert [row for row in reminders if row["state"] in REACHED]
    late = [item for item in items if item["state"] == "dropped"]
    assert {item["reason"] for item in late} <= {"past_at_release", "past_deadline"}


def account(items: list[Mapping[str, Any]], rows: list[Mapping[str, Any]]) -> str:
    """What it came to, for whoever reads the output."""
    plans = Counter((item["state"], item["reason"]) for item in items)
    pushes = Counter((row["occurrence"].split(":")[0], row["state"]) for row in rows)
    return f"items: {dict(plans)}\nledger: {dict(pushes)}"
