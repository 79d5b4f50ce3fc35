"""Campaigns stopped and resumed, senders killed and late: no row is lost, none goes twice unseen."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from config.database.schema import campaigns, deliveries
from streams.campaigns.record import NEVER, STOPPED, resume, stop
from streams.delivery import known, steady
from streams.names import MATCH_TASKS
from streams.steps import deliver as deliver_step
from streams.sweeps import end_leases, hand_over_due
from streams.wrong import Wrong
from tests.support.fakes import arrives
from tests.support.flow import AGENCY, NOW, Flow


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


# -- stop and resume -------------------------------------------------------------------------------------------------


async def test_a_stopped_campaign_holds_and_a_resumed_one_goes_on(flow: Flow) -> None:
    ids = await planned(flow)
    actor = await flow.actor("publisher")
    async with flow.record.write() as conn:
        (stopped,) = await stop(conn, AGENCY, "P-1", "有误", actor, NOW)
    assert (stopped["state"], stopped["reason"]) == ("stopped", "有误")
    await flow.deliver("email", ids)
    row = await flow.row()
    assert (row["state"], row["reason"], row["due_at"]) == ("held", STOPPED, NEVER)
    assert await hand_over_due(flow.desk) == 0
    async with flow.record.write() as conn:
        (running,) = await resume(conn, AGENCY, "P-1", "无误", actor, NOW)
    assert (running["state"], running["reason"]) == ("running", None)
    assert await hand_over_due(flow.desk) == 1
    await flow.pump()
    assert (await flow.row())["state"] == "sent"


async def test_a_row_that_is_planned_after_the_stop_is_held_when_it_comes_to_be_sent(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign()
    async with flow.record.write() as conn:
        await stop(conn, AGENCY, "P-1", "有误", await flow.actor("publisher"), NOW)
    await flow.pump()
    assert flow.channels["email"].sent == []
    assert ((await flow.row())["state"], (await flow.row())["attempts"]) == ("held", 0)


async def test_a_campaign_that_is_resumed_while_its_rows_are_being_held_goes_on(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await planned(flow)
    actor = await flow.actor("publisher")
    real = known.standings

    async def resumed_meanwhile(*given: Any) -> Any:
        async with flow.record.write() as conn:
            await resume(conn, AGENCY, "P-1", "无误", actor, NOW)
        return await real(*given)

    async with flow.record.write() as conn:
        await stop(conn, AGENCY, "P-1", "有误", actor, NOW)
        # … while a worker had matched late: the row was planned after the stop.
        await conn.execute(update(deliveries).values(state="planned", due_at=NOW))
    monkeypatch.setattr(known, "standings", resumed_meanwhile)
    await flow.deliver("email", ids)
    flow.clock.advance(timedelta(minutes=10))
    await hand_over_due(flow.desk)
    monkeypatch.setattr(known, "standings", real)
    await flow.pump()
    assert (await flow.row())["state"] == "sent"


# -- a crash ---------------------------------------------------------------------------------------------------------


async def test_a_crash_between_sending_and_recording_sends_once_more_under_the_same_id(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await planned(flow, channels=("email", "sms"))
    assert len(ids) == 2
    real = deliver_step.settle

    async def killed(*given: Any) -> None:
        raise Killed

    monkeypatch.setattr(deliver_step, "settle", killed)
    for channel in ("email", "sms"):
        with pytest.raises(ExceptionGroup):
            await flow.deliver(channel, ids_of(await flow.rows(channel=channel)))
    assert {row["state"] for row in await flow.rows()} == {"claimed"}
    monkeypatch.setattr(deliver_step, "settle", real)
    for channel in ("email", "sms"):  # the message comes again, and finds the rows taken
        await flow.deliver(channel, ids_of(await flow.rows(channel=channel)))
    assert len(flow.channels["email"].sent) == 1
    await end_leases(flow.desk)
    assert {row["state"] for row in await flow.rows()} == {"claimed"}
    flow.clock.advance(flow.desk.lease + timedelta(seconds=1))
    await end_leases(flow.desk)
    await hand_over_due(flow.desk)
    await flow.pump()
    mails = flow.channels["email"].sent
    assert (len(mails), len({message.delivery_id for message in mails})) == (2, 1)
    assert ((await flow.row(channel="email"))["state"], (await flow.row(channel="email"))["attempts"]) == (
        "sent",
        2,
    )
    assert len(flow.channels["sms"].sent) == 1
    assert (await flow.row(channel="sms"))["state"] == "unknown"


def ids_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["delivery_id"] for row in rows]


async def test_who_comes_back_after_its_lease_changes_nothing(flow: Flow) -> None:
    ids = await planned(flow)

    async def slow() -> None:
        flow.channels["email"].meanwhile = None
        flow.clock.advance(flow.desk.lease + timedelta(seconds=1))
        await end_leases(flow.desk)
        await flow.deliver("email", ids)  # somebody else takes it and is faster

    flow.channels["email"].meanwhile = slow
    flow.channels["email"].script = arrives
    await flow.deliver("email", ids)
    row = await flow.row()
    assert (row["state"], row["attempts"]) == ("sent", 2)


async def test_a_chunk_that_fails_does_not_cut_off_the_one_that_is_being_sent(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await planned(flow, "S-1", "S-2", "S-3")
    failed = asyncio.Event()
    claim = deliver_step.claim
    calls = 0

    async def record_goes_away(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            return await claim(*given)
        failed.set()
        raise ConnectionError("the record is away")

    async def slow() -> None:
        await failed.wait()
        await asyncio.sleep(0.3)

    monkeypatch.setattr(deliver_step, "claim", record_goes_away)
    monkeypatch.setattr(deliver_step, "CHUNK", 1)
    monkeypatch.setattr(deliver_step, "ABREAST", 2)
    monkeypatch.setattr(steady, "GRACE_S", 0.05)
    flow.channels["email"].meanwhile = slow
    with pytest.raises(ExceptionGroup, match="chunks failed"):
        await flow.deliver("email", ids)
    assert calls == 2
    assert [row["state"] for row in await flow.rows()].count("sent") == 1
    monkeypatch.setattr(deliver_step, "claim", claim)
    flow.channels["email"].meanwhile = None
    await flow.deliver("email", ids)
    assert {row["state"] for row in await flow.rows()} == {"sent"}
    assert len(flow.channels["email"].sent) == 3


async def test_rows_of_no_campaign_are_wrong_for_good(flow: Flow) -> None:
    ids = await planned(flow)
    async with flow.record.write() as conn:
        await conn.execute(campaigns.delete())
    with pytest.raises(ExceptionGroup) as caught:
        await flow.deliver("email", ids)
    assert caught.group_contains(Wrong)
