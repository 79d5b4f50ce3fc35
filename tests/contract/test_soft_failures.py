"""Failures that prove nothing by themselves: counted by address, and three within a month are taken for a dead one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config.database.schema import soft_failures, subscribers, suppressions
from subscribers.rows import contact_id_of
from subscribers.suppression import SOFT_WITHIN, forget_soft_failures, soft_failure
from tests.support.flow import NOW, Flow

DAY = timedelta(days=1)
MAIL = "chen@firm.example.cn"


async def enrolled(flow: Flow, who: str = "S-1", channel: str = "email", address: str = MAIL) -> str:
    """Somebody with this address; returns the contact's id."""
    consent = {"basis": "申请表", "at": NOW - DAY, "evidence": "表 7"}
    await flow.subscriber(who, contacts=[{"channel": channel, "address": address, "consent": consent}])
    return contact_id_of(who, channel, flow.desk.vault.blind_index(channel, address))


async def fails(flow: Flow, contact_id: str, key: str, days: float = 0) -> bool:
    async with flow.record.write() as conn:
        return await soft_failure(conn, contact_id, at=NOW + DAY * days, key=key)


async def listed(flow: Flow) -> list[tuple[str, str]]:
    async with flow.record.read() as conn:
        s = suppressions.c
        return [(row.channel, row.reason) for row in await conn.execute(select(s.channel, s.reason))]


@pytest.mark.parametrize(("channel", "address"), [("email", MAIL), ("sms", "13812340000")])
async def test_the_third_failure_within_a_month_suppresses_the_address(
    flow: Flow, channel: str, address: str
) -> None:
    contact = await enrolled(flow, channel=channel, address=address)
    told = [await fails(flow, contact, f"d-{day}", day) for day in (0, 9, 29)]
    assert told == [False, False, True]
    assert await listed(flow) == [(channel, "unreachable")]
    assert not await fails(flow, contact, "d-30", 30), "it is told once"


async def test_failures_of_two_months_do_not_add_up(flow: Flow) -> None:
    contact = await enrolled(flow)
    assert [await fails(flow, contact, f"d-{day}", day) for day in (0, 20, 30)] == [False] * 3
    assert await listed(flow) == []


async def test_one_message_counts_once_however_often_its_failure_is_told(flow: Flow) -> None:
    contact = await enrolled(flow)
    assert [await fails(flow, contact, "d-1", day) for day in (0, 1, 2, 3)] == [False] * 4
    assert await listed(flow) == []


async def test_an_address_is_counted_whoever_holds_it_and_all_of_them_are_told(flow: Flow) -> None:
    one, other = await enrolled(flow, "S-1"), await enrolled(flow, "S-2")
    async with flow.record.read() as conn:
        before = dict((await conn.execute(select(subscribers.c.subscriber_id, subscribers.c.version))).all())
    assert [await fails(flow, *each) for each in ((one, "d-1"), (other, "d-2"), (one, "d-3"))][-1]
    async with flow.record.read() as conn:
        after = dict((await conn.execute(select(subscribers.c.subscriber_id, subscribers.c.version))).all())
    assert after == {who: version + 1 for who, version in before.items()}


async def test_of_failures_at_the_same_moment_one_is_the_third(flow: Flow) -> None:
    contact = await enrolled(flow)
    told = await asyncio.gather(*(fails(flow, contact, f"d-{n}") for n in range(5)))
    assert sorted(told) == [False, False, False, False, True]


async def test_a_contact_that_is_gone_fails_no_more(flow: Flow) -> None:
    assert not await fails(flow, "nobody", "d-1")


async def test_what_counts_no_longer_is_forgotten(flow: Flow) -> None:
    contact = await enrolled(flow)
    await fails(flow, contact, "d-1", 0)
    await fails(flow, contact, "d-2", 1)
    async with flow.record.write() as conn:
        assert await forget_soft_failures(conn, NOW + SOFT_WITHIN) == 1
        assert await conn.scalar(select(func.count()).select_from(soft_failures)) == 1
