"""The operator is written to about alerts: when one is raised, and again as long as it stays open, never often."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from config.clock import SHANGHAI, ago
from config.database.schema import alerts
from config.logging import get_logger
from streams.alert_words import KINDS, about, sentence
from streams.desk import Desk

log = get_logger(__name__)
a = alerts.c

APART = timedelta(hours=1)  # at least, between two mails about one cause, however often it comes and goes
AGAIN_AFTER = timedelta(hours=24)  # one that stays open is told of again

Write = Callable[[str, str], Awaitable[bool]]  # subject and text; returns whether it was taken


async def tell_operator(desk: Desk, write: Write) -> int:
    """Write about alerts that nobody was told of; returns about how many.

    What could not be written (the mail server may be what is down) is tried by the next sweep.
    """
    now = desk.clock.now()
    due = or_(a.told_at.is_(None), a.told_at < ago(desk.clock, AGAIN_AFTER))
    async with desk.record.read() as conn:
        rows = await conn.execute(select(alerts).where(a.open_key.is_not(None), due))
        found = sorted((dict(row._mapping) for row in rows), key=lambda row: row["raised_at"])
        lately = await conn.execute(
            select(a.kind, a.subject).where(a.told_at > ago(desk.clock, APART)).distinct()
        )
        quiet = {(kind, subject) for kind, subject in lately}
    telling = [row for row in found if (row["kind"], row["subject"]) not in quiet]
    if not telling:
        return 0
    # Marked first: two schedulers, or a stop in between, must not write twice.
    ids = [row["alert_id"] for row in telling]
    async with desk.record.write() as conn:
        marked = await conn.execute(
            update(alerts).where(a.alert_id.in_(ids), due).values(told_at=now).returning(a.alert_id)
        )
        mine = set(marked.scalars())
    told = 0
    for row in telling:
        if row["alert_id"] not in mine:
            continue
        if await _taken(write, row, desk.base_url):
            told += 1
            continue
        async with desk.record.write() as conn:
            await conn.execute(
                update(alerts).where(a.alert_id == row["alert_id"]).values(told_at=row["told_at"])
            )
    return told


async def _taken(write: Write, row: dict[str, Any], base_url: str) -> bool:
    try:
        return await write(*letter(row, base_url))
    except Exception as exc:  # noqa: BLE001 - marked as told, it and those behind it would stay unsaid for a day
        log.error("alert.not_written", kind=row["kind"], error=type(exc).__name__)
        return False


def letter(row: dict[str, Any], base_url: str) -> tuple[str, str]:
    """Return subject and text of the mail about an alert, pure."""
    raised = f"{row['raised_at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    subject = f"政达告警：{KINDS[row['kind']]}"
    lines: Sequence[str] = (
        f"{KINDS[row['kind']]}：{about(row)}",
        "",
        f"发生时间：{raised}（北京时间）",
        f"说明：{sentence(row, chinese=True)}",
        f"服务地址：{base_url}",
        "",
        "处理办法见运维手册“Alerts”一节；当前全部告警：zhengda alerts。",
        f"编号：{uuid.UUID(row['alert_id'])}",
    )
    return subject, "\n".join(lines) + "\n"
