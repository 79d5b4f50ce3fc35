"""What is over is forgotten in its time: alerts after three months, endpoints that nobody holds after one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.webhook.endpoints import KEPT, Attempt, Endpoint, endpoints, note, rotate
from config.clock import ManualClock
from config.database.schema import contacts, webhook_endpoints
from streams.alerts import forgetting, list_alerts, raise_alert, resolve
from streams.receipts import ended_endpoints
from streams.receipts.endpoint_answers import forget_answers
from tests.support.flow import NOW, Flow

REAL = datetime(2030, 3, 1, 9, tzinfo=UTC)  # far from the flow's own time
CONSENT = {"basis": "对接协议", "at": NOW - timedelta(days=9), "evidence": "协议 7"}
OLD, YOUNG, DAY = "https://old.example.cn/hook", "https://new.example.cn/hook", timedelta(days=1)


async def alerts(flow: Flow) -> set[str]:
    async with flow.record.read() as conn:
        return {one["subject"] for one in await list_alerts(conn, ended=True)}


async def test_alerts_that_ended_three_months_ago_go_and_an_open_one_stays(flow: Flow) -> None:
    async with flow.record.write() as conn:
        for subject in ("email", "sms:open", "sms:late"):
            await raise_alert(conn, "far_side", subject, "down", flow.clock.now())
        await resolve(conn, "far_side", ["email"], flow.clock.now())
    flow.clock.advance(timedelta(days=89))
    async with flow.record.write() as conn:
        await resolve(conn, "far_side", ["sms:late"], flow.clock.now())
    assert await forgetting.forget_ended(flow.desk) == 0
    flow.clock.advance(timedelta(days=2))
    assert await forgetting.forget_ended(flow.desk) == 1
    assert await alerts(flow) == {"sms:open", "sms:late"}


async def holds(flow: Flow, *urls: str, who: str = "S-1") -> None:
    given = [{"channel": "webhook", "address": url, "consent": CONSENT} for url in urls]
    await flow.subscriber(who, channels=("webhook",), contacts=given)


async def proved(flow: Flow, url: str, age: timedelta, who: str = "S-1") -> Endpoint:
    """Have it answer a test event so long ago."""
    async with flow.record.write() as conn:
        (one,) = (await endpoints(conn, flow.desk.vault.derive, [(who, url)])).values()
        await note(conn, [Attempt(one, "test", REAL - age, 200, "ok", 1)], [one])
    return one


async def known(flow: Flow) -> set[str]:
    async with flow.record.read() as conn:
        return set((await conn.execute(select(webhook_endpoints.c.endpoint_id))).scalars())


async def forget(flow: Flow) -> int:
    await forget_answers(flow.desk, ManualClock(REAL))
    return await ended_endpoints.forget_ended(flow.desk, ManualClock(REAL))


async def test_an_endpoint_that_was_given_up_goes_a_month_after_the_last_that_went_there(flow: Flow) -> None:
    await holds(flow, OLD)
    one = await proved(flow, OLD, KEPT + DAY)
    assert await forget(flow) == 0, "it is silent, and held"
    await holds(flow, YOUNG)
    other = await proved(flow, YOUNG, KEPT + DAY)
    assert await known(flow) == {one.endpoint_id, other.endpoint_id}
    assert await forget(flow) == 1
    assert await known(flow) == {other.endpoint_id}


async def test_one_that_was_asked_lately_stays_and_so_does_one_whose_secret_was_changed(flow: Flow) -> None:
    await holds(flow, YOUNG)
    lately = await proved(flow, OLD, KEPT - DAY)
    changed = await proved(flow, "https://changed.example.cn/", KEPT + DAY)
    async with flow.record.write() as conn:
        await rotate(conn, changed, REAL - KEPT)
    assert await forget(flow) == 0
    assert await known(flow) == {lately.endpoint_id, changed.endpoint_id}


async def test_very_many_are_looked_at_in_portions(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_endpoints, "AT_ONCE", 2)
    held: set[Any] = set()
    for n in range(5):
        await holds(flow, YOUNG, who=f"S-{n}")
        held.add((await proved(flow, YOUNG, KEPT + DAY, f"S-{n}")).endpoint_id)
        await proved(flow, OLD, KEPT + DAY, f"S-{n}")
    await proved(flow, OLD, KEPT + DAY, "S-gone")
    assert await forget(flow) == 6
    assert await known(flow) == held


async def test_a_contact_that_does_not_open_keeps_its_endpoint_and_no_other(flow: Flow) -> None:
    await holds(flow, YOUNG)
    sealed = await proved(flow, OLD, KEPT + DAY)
    await proved(flow, OLD, KEPT + DAY, "S-gone")
    async with flow.record.write() as conn:
        await conn.execute(update(contacts).values(address=b"nonsense"))
    assert await forget(flow) == 1
    assert await known(flow) == {sealed.endpoint_id}
