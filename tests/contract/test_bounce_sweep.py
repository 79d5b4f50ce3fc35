"""The sweep of bounces: one that cannot be applied holds up nobody else's."""

from typing import Any

import pytest
from sqlalchemy import select

from channels.email.bounces import Bounce
from config.database.schema import bounces
from streams.receipts import bounces as step
from tests.support.flow import Flow


async def test_a_bounce_that_cannot_be_applied_holds_up_no_other(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    async with flow.record.write() as conn:
        for number in range(3):
            body = str(number).encode()
            ids.append(await step.keep(conn, Bounce("gone"), None, body, flow.clock.now()))
    really = step.apply

    async def apply(conn: Any, bounce_id: str, now: Any) -> bool:
        if bounce_id == ids[0]:
            raise ValueError("something that nobody foresaw")
        return await really(conn, bounce_id, now)

    monkeypatch.setattr(step, "apply", apply)
    assert await step.apply_early(flow.desk) == 2
    async with flow.record.read() as conn:
        left = list(await conn.scalars(select(bounces.c.bounce_id).where(bounces.c.applied_at.is_(None))))
    assert left == [ids[0]], "it stays for who mends it"


async def test_a_record_that_is_away_ends_the_sweep(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    async with flow.record.write() as conn:
        for number in range(2):
            await step.keep(conn, Bounce("gone"), None, str(number).encode(), flow.clock.now())

    async def apply(*_: Any) -> bool:
        asked.append(1)
        raise ConnectionRefusedError("the record is away")

    monkeypatch.setattr(step, "apply", apply)
    with pytest.raises(ConnectionRefusedError):
        await step.apply_early(flow.desk)
    assert len(asked) == 1
