"""Alerts: what an operator has to know of, once for each cause, open until the cause has ended.

====================== ========================================================== =================================
kind                   subject                                                    ends when
====================== ========================================================== =================================
``late``               ``<campaign>|<channel>|sent`` or ``…|delivered``           the promise is kept again
``halted``             ``<campaign>``: a far side refused its text                the campaign is resumed
``digest``             ``<channel>``: a far side refused a digest's text          none was refused for a day
``far_side``           ``email``, ``sms:<gateway>`` …: it is down                 it answers, or its line stands
``account``            the same: it refuses our account                           it takes a message
``dead_letters``       ``<topic>``                                                all of it are replayed, or old
====================== ========================================================== =================================
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import alerts
from config.logging import get_logger
from config.metrics import ALERTS_OPEN

log = get_logger(__name__)
a = alerts.c

Kind = Literal["late", "halted", "digest", "far_side", "account", "dead_letters"]
KINDS: tuple[Kind, ...] = ("late", "halted", "digest", "far_side", "account", "dead_letters")
SHOWN = (
    a.alert_id,
    a.kind,
    a.subject,
    a.detail,
    a.details,
    a.raised_at,
    a.changed_at,
    a.resolved_at,
    a.told_at,
)


def policy_named(about: Mapping[str, Any]) -> str:
    """Return how an alert's words name a campaign's policy: ``agency/policy (occurrence)``."""
    return f"{about['agency_id']}/{about['policy_id']} ({about['occurrence']})"


async def raise_alert(
    conn: AsyncConnection,
    kind: Kind,
    subject: str,
    detail: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Open an alert, or bring the open one of the same cause up to date. Returns whether it is a new one.

    Args:
        conn: in a transaction.
        kind: of the alert.
        subject: what of that kind.
        detail: in words for a log line, without contacts.
        now: the moment.
        details: figures, ids and titles, of which `streams.alert_words` makes what people read.
    """
    key = f"{kind}|{subject}"
    said = {"detail": detail, "details": dict(details or {}), "changed_at": now}
    row = {"alert_id": str(uuid.uuid4()), "kind": kind, "subject": subject, "open_key": key, "raised_at": now}
    new = await conn.execute(insert_new(conn, alerts).values(row | said).returning(a.alert_id))
    if new.first() is not None:
        log.error("alert.raised", kind=kind, subject=subject, detail=detail)
        return True
    await conn.execute(update(alerts).where(a.open_key == key).values(said))
    return False


async def resolve(
    conn: AsyncConnection,
    kind: Kind,
    subjects: Collection[str],
    now: datetime,
    before: datetime | None = None,
) -> int:
    """End the open alerts of these causes; with ``before`` those that did not come again since. Returns how many."""
    if not subjects:
        return 0
    which = update(alerts).where(a.open_key.in_([f"{kind}|{subject}" for subject in subjects]))
    if before is not None:
        which = which.where(a.changed_at < before)
    ended = await conn.execute(which.values(open_key=None, resolved_at=now).returning(a.subject))
    found = [row.subject for row in ended]
    for subject in found:
        log.info("alert.resolved", kind=kind, subject=subject)
    return len(found)


async def open_subjects(conn: AsyncConnection, kind: Kind, before: datetime | None = None) -> set[str]:
    """Return the subjects of the open alerts of a kind; with ``before`` of those that did not come again since."""
    query = select(a.subject).where(a.open_key.is_not(None), a.kind == kind)
    rows = await conn.execute(query if before is None else query.where(a.changed_at < before))
    return set(rows.scalars())


async def last_found(conn: AsyncConnection, kind: Kind) -> dict[str, datetime]:
    """Return the subjects of the open alerts of a kind, each with when its cause was last found."""
    query = select(a.subject, a.changed_at).where(a.open_key.is_not(None), a.kind == kind)
    return {row.subject: row.changed_at for row in await conn.execute(query)}


async def settle_kind(
    conn: AsyncConnection, kind: Kind, found: Mapping[str, tuple[str, Mapping[str, Any]]], now: datetime
) -> int:
    """Have exactly these alerts of a kind open: subject → detail and details. Returns how many are new."""
    was = await open_subjects(conn, kind)
    new = 0
    for subject, (detail, details) in found.items():
        new += await raise_alert(conn, kind, subject, detail, now, details)
    await resolve(conn, kind, was - found.keys(), now)
    return new


async def list_alerts(
    conn: AsyncConnection, *, ended: bool = False, limit: int = 100
) -> list[dict[str, Any]]:
    """Return alerts, newest first; with ``ended`` those that are over as well."""
    query = select(*SHOWN).order_by(a.raised_at.desc(), a.alert_id).limit(limit)
    rows = await conn.execute(query if ended else query.where(a.open_key.is_not(None)))
    return [dict(row._mapping) for row in rows]


async def show_open(conn: AsyncConnection) -> Counter[str]:
    """Set the gauge to how many alerts of each kind are open, and return that."""
    rows = await conn.execute(select(a.kind, func.count()).where(a.open_key.is_not(None)).group_by(a.kind))
    counted: Counter[str] = Counter({str(kind): count for kind, count in rows})
    for kind in KINDS:
        ALERTS_OPEN.labels(kind).set(counted[kind])
    return counted
