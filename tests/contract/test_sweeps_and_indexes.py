"""Sweeps run each second: on SQLite none of them may read the whole ledger with its millions of ended rows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from channels.errors import UnknownOutcomeError
from channels.heard import FarReport
from channels.sms.channel import SmsChannel
from channels.sms.way import Way
from config.database.schema import metadata
from config.promises import load_promises
from streams import sweeps
from streams.alerts import delivery_check, forgetting
from streams.alerts.mail import tell_operator
from streams.delivery import notices
from streams.desk import Desk
from streams.digests.gathering import gather_digests
from streams.far import lost as far_lost
from streams.far import queries as far_queries
from streams.far import reports as far_reports
from streams.followups import due
from streams.receipts import bounces, ended_endpoints, receipts
from streams.receipts.endpoint_answers import forget_answers
from streams.receipts.hearing import Hearing
from subscribers.associations import named_audience
from subscribers.vouching import waiting_to_be_named
from tests.support.flow import Flow, open_flow
from tests.support.sms import ScriptedTexts


async def _taken(*_: str) -> bool:
    return True


ASKED = SmsChannel([Way(ScriptedTexts("cloud"), asked=True)])
SWEEPS: dict[str, Callable[[Desk], Awaitable[int]]] = {
    "end_leases": sweeps.end_leases,
    "gather_digests": gather_digests,
    "hand_over_due": sweeps.hand_over_due,
    "run_due": due.run_due,
    "ask_lost_shards": sweeps.ask_lost_shards,
    "announce_forgotten": sweeps.announce_forgotten,
    "count_as_delivered": lambda desk: sweeps.count_as_delivered(desk, timedelta(hours=24)),
    "give_up_unknown": sweeps.give_up_unknown,
    "apply_receipts": receipts.apply_early,
    "apply_bounces": bounces.apply_early,
    "forget_bounces": bounces.forget,
    "apply_reports": far_reports.apply_parked,
    "apply_old_reports": lambda desk: far_reports.apply_parked(desk, far_reports.KEPT_FOR),
    "forget_answers": lambda desk: forget_answers(desk, desk.clock),
    "forget_endpoints": lambda desk: ended_endpoints.forget_ended(desk, desk.clock),
    "forget_alerts": forgetting.forget_ended,
    "find_lost": far_lost.find_lost,
    "forget_reports": far_reports.forget_old,
    "ask_gateways": lambda desk: far_queries.ask_gateways(desk, [ASKED]),
    "send_notices": lambda desk: notices.send_notices(desk, desk.clock),
    "check_deliveries": lambda desk: delivery_check.check_deliveries(desk, load_promises()),
    "check_causes": delivery_check.check_causes,
    "tell_operator": lambda desk: tell_operator(desk, _taken),
    "forget_unconfirmed": lambda desk: notices.forget_unconfirmed(desk, desk.clock),
}

EACH_SECOND = (
    "end_leases", "gather_digests", "hand_over_due", "run_due", "apply_receipts", "apply_bounces", "apply_reports",
    "send_notices"
)  # fmt: skip


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[Flow]:
    async with open_flow(f"sqlite:///{tmp_path / 'record.db'}") as opened:
        yield opened


@pytest.mark.parametrize("name", SWEEPS)
async def test_a_sweep_finds_its_rows_by_an_index(
    flow: Flow, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(sweeps, "_there", always)  # what it does where there is something, too
    plans = await _plans(flow, SWEEPS[name])
    assert not [step for step in plans if step.startswith("SCAN") and not _partial(step)], plans


async def test_what_is_found_by_its_number_is_found_by_an_index(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("sms",))
    await flow.campaign()
    flow.channels["sms"].script = lambda _: UnknownOutcomeError("cut", gateway="cmpp", reports=1)
    await flow.pump()
    (message,) = flow.channels["sms"].sent
    report = FarReport("cmpp", "7", message.address, "delivered", whose=message.address)
    await Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock).reports([report])
    plans = await _plans(flow, far_lost.find_lost)
    assert (await flow.row())["state"] == "delivered"
    assert not [step for step in plans if step.startswith("SCAN") and not _partial(step)], plans


async def test_who_is_named_by_credit_codes_is_found_by_them_not_shard_by_shard(flow: Flow) -> None:
    codes = ("91310000000000001A", "91310000000000002B", "91310000000000003C")

    async def ask(desk: Desk) -> int:
        async with desk.record.read() as conn:
            named = await named_audience(conn, 3, credit_codes=codes)
            waits = await waiting_to_be_named(conn, 3, credit_codes=codes, association_ids=(), but=named)
        return len(named) + waits["credit_codes"]

    plans = await _plans(flow, ask)
    assert len([step for step in plans if "ix_subscribers_credit_code" in step]) == 2, plans


async def _plans(flow: Flow, work: Callable[[Desk], Awaitable[int]]) -> list[str]:
    """Do some work; return how the database finds what it reads and changes."""
    said: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            said.append((statement, parameters))

    event.listen(flow.record.engine.sync_engine, "before_cursor_execute", note)
    await work(flow.desk)
    asked, plans = list(said), list[str]()
    async with flow.record.read() as conn:
        for statement, parameters in asked:
            plan = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [row[3] for row in plan]
    assert asked
    return plans


@pytest.mark.parametrize("name", EACH_SECOND)
async def test_a_sweep_of_each_second_that_finds_nothing_does_not_ask_to_write(flow: Flow, name: str) -> None:
    await flow.subscriber()
    await flow.campaign()
    await flow.pump()
    async with asyncio.timeout(60), flow.record.write():  # it would wait for this one's end
        assert await SWEEPS[name](flow.desk) == 0


def _partial(step: str) -> bool:
    """Whether a scan is along an index of few rows; a whole index is as long as its table."""
    few = {
        str(index.name)
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    return any(step.endswith(f"INDEX {name}") for name in few)
