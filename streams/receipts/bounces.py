"""Bounces of e-mail: kept first, applied to the ledger when the row is settled, never backwards.

A bounce may overtake the answer to its own message, come twice, or come days after the message counted as delivered.
What it says about the address holds whatever became of the row.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.email.bounces import Bounce
from config.clock import BEGINNING, ago
from config.database.record import insert_new, is_outage
from config.database.schema import alerts, bounces, deliveries, notices, soft_failures
from config.database.schema.bounces import NOT_APPLIED
from config.logging import get_logger
from config.metrics import BOUNCES
from streams.campaigns.halting import halt_refused, tell_digest_refused
from streams.desk import Desk
from subscribers.errors import UnknownSubscriberError
from subscribers.leaving import opt_out
from subscribers.suppression import SOFT_WITHIN, forget_soft_failures, soft_failure, suppress_contact

log = get_logger(__name__)
b, d, n = bounces.c, deliveries.c, notices.c

KEPT_FOR = timedelta(days=30)  # for people to look at, and so that the same bounce does nothing a second time
AT_ONCE = 1_000
EMAIL = "email"
COMPLAINED = "complained"
ENOUGH = 2  # recipients whose servers refuse a text before all others are kept from it

# Words that end a push, with those of them that count against the address and those that do so at once.
FINAL = frozenset({"gone", "full", "ambiguous", "content", "undelivered", "expired"})
SOFT = frozenset({"full", "ambiguous"})
TOLD_NOTHING = frozenset({"temporary", "auto_reply", "other"})
# A row that is planned or held goes again, whatever became of an earlier attempt.
BOUNCES_FROM = frozenset({"sent", "delivered", "unknown"})
CARRIED = ("held", "sent", "unknown", "delivered")  # items of a digest that share what becomes of it


# Why a bounce changed nothing, in the list of bounces.
SAYS_NOTHING = "says_nothing"  # it is temporary, an automatic answer, or no bounce
NO_DELIVERY = "no_delivery_named"
UNKNOWN = "delivery_unknown"
ENDED = "had_ended"  # the push was not on its way any more, and the address is not to blame

WAITS = "waits"  # its row is being sent at this moment: it is applied by the sweep


async def keep(
    conn: AsyncConnection, bounce: Bounce, delivery_id: str | None, body: bytes, now: datetime
) -> str:
    """Write a bounce down, once; return its id.

    Args:
        conn: in a transaction.
        bounce: as it was read.
        delivery_id: what it is about; None where nothing says that.
        body: of the message, to know it again where it names no delivery. It is not kept.
        now: when it came.
    """
    about = f"{delivery_id}|{bounce.word}".encode() if delivery_id else b"|" + body
    row = {
        "bounce_id": hashlib.sha256(about).hexdigest(),
        "delivery_id": delivery_id,
        "word": bounce.word,
        "status": bounce.status,
        "rule": bounce.rule[:64],
        "detail": bounce.detail,
        "parked": None,
        "at": now,
        "applied_at": None,
    }
    if (await conn.execute(insert_new(conn, bounces).values(row))).rowcount:
        BOUNCES.labels(bounce.word).inc()
    return str(row["bounce_id"])


async def apply(conn: AsyncConnection, bounce_id: str, now: datetime) -> bool:
    """Apply a bounce that was kept; a second time nothing happens.

    Returns:
        Whether it is done with; not while its row is claimed.
    """
    found = await conn.execute(select(bounces).where(b.bounce_id == bounce_id).with_for_update())
    bounce = found.one_or_none()
    if bounce is None or bounce.applied_at is not None:
        return True
    parked = await _parked(conn, bounce)
    if parked == WAITS:
        return False
    done = update(bounces).where(b.bounce_id == bounce_id)
    await conn.execute(done.values(applied_at=now, parked=parked))
    return True


async def apply_early(desk: Desk) -> int:
    """Sweep: apply bounces that came before their row was settled, or while the record was away."""
    now = desk.clock.now()
    async with desk.record.read() as conn:
        waiting = select(b.bounce_id).where(NOT_APPLIED).order_by(b.at).limit(AT_ONCE)
        found = list(await conn.scalars(waiting))
    done = 0
    for bounce_id in found:
        try:
            async with desk.record.write() as conn:
                done += await apply(conn, bounce_id, now)
        except Exception as exc:
            if is_outage(exc):
                raise
            # It stays and is told of each time; those behind it do not wait for it.
            log.error("bounce.not_applied", bounce=bounce_id, why=f"{type(exc).__name__}: {exc}"[:300])
    return done


async def forget(desk: Desk) -> int:
    """Sweep: bounces and soft failures of more than a month ago are forgotten."""
    now, f = desk.clock.now(), soft_failures.c
    of_old = b.at < ago(desk.clock, KEPT_FOR)
    async with desk.record.read() as conn:
        old = await conn.scalar(select(b.bounce_id).where(of_old).limit(1))
        soft = await conn.scalar(select(f.key).where(f.at <= now - SOFT_WITHIN).limit(1))
    if old is None and soft is None:  # nearly always: the record's one writer is not asked
        return 0
    async with desk.record.write() as conn:
        done = await conn.execute(delete(bounces).where(of_old))
        return int(done.rowcount) + await forget_soft_failures(conn, now)


async def _parked(conn: AsyncConnection, bounce: Any) -> str | None:
    """Do what a bounce asks for; return why it changed nothing, None where it did."""
    if bounce.word in TOLD_NOTHING:
        return SAYS_NOTHING
    if bounce.delivery_id is None:
        return NO_DELIVERY
    shown = (d.delivery_id, d.state, d.subscriber_id, d.campaign_id, d.contact_id, d.digest_id, d.sent_at)
    # Locked, so that a sender who settles the row at this moment comes before or after, not in between.
    which = select(*shown).where(d.delivery_id == bounce.delivery_id, d.channel == EMAIL)
    row = (await conn.execute(which.with_for_update())).one_or_none()
    if row is None:
        return await _of_notice(conn, bounce)
    if row.state == "claimed":
        return WAITS
    failed = bounce.word in FINAL and row.state in BOUNCES_FROM
    if failed:
        await _fail(conn, row.delivery_id, bounce)
    blamed = await _blame(conn, bounce, row)
    if bounce.word == "content":
        await _halt(conn, row, bounce)
    return None if failed or blamed else ENDED


async def _fail(conn: AsyncConnection, delivery_id: str, bounce: Any) -> None:
    """The row has failed after all, and with it what it carried."""
    values = {"state": "failed", "reason": bounce.word, "ended_at": bounce.at, "delivered_at": None}
    items = and_(d.digest_id == delivery_id, d.delivery_id != delivery_id, d.state.in_(CARRIED))
    await conn.execute(update(deliveries).where(or_(d.delivery_id == delivery_id, items)).values(**values))


async def _blame(conn: AsyncConnection, bounce: Any, row: Any) -> bool:
    """Draw the consequences for the address; return whether there were any."""
    if bounce.word == "gone":
        await suppress_contact(conn, row.contact_id, reason="gone", said=bounce.detail or None, now=bounce.at)
    elif bounce.word in SOFT:
        key = str(bounce.delivery_id)
        if await soft_failure(conn, row.contact_id, at=bounce.at, key=key):
            log.info("contact.unreachable", channel=EMAIL, subscriber=row.subscriber_id)
    elif bounce.word == COMPLAINED:
        await suppress_contact(conn, row.contact_id, reason=COMPLAINED, now=bounce.at)
        try:
            await opt_out(conn, row.subscriber_id, f"channel:{EMAIL}", via="complaint", now=bounce.at)
        except UnknownSubscriberError:
            log.info("complaint.of_nobody", subscriber=row.subscriber_id)
    else:
        return False
    return True


async def _halt(conn: AsyncConnection, row: Any, bounce: Any) -> None:
    # Which policy of a digest is refused nobody can tell: none of them is stopped for it.
    if row.digest_id is not None:
        await tell_digest_refused(conn, EMAIL, f"returned: {bounce.detail}", bounce.at)
        return
    stopped = await _last_stopped(conn, row.campaign_id)
    # Bounces trickle in for days. Whoever has mended the text and resumed the campaign is not stopped again by those of
    # what went before.
    if stopped is not None and stopped >= (row.sent_at or BEGINNING):
        return
    if await _several_refuse(conn, row.campaign_id, stopped or BEGINNING):
        await halt_refused(conn, row.campaign_id, EMAIL, f"returned: {bounce.detail}", bounce.at)
    else:
        log.warning("content.returned", campaign=row.campaign_id, reason=bounce.detail)


async def _last_stopped(conn: AsyncConnection, campaign_id: str) -> datetime | None:
    """Return when the campaign was last stopped for its text."""
    of_campaign = (alerts.c.kind == "halted", alerts.c.subject == campaign_id)
    latest = select(alerts.c.raised_at).where(*of_campaign).order_by(alerts.c.raised_at.desc()).limit(1)
    found: datetime | None = await conn.scalar(latest)
    return found


async def _several_refuse(conn: AsyncConnection, campaign_id: str, since: datetime) -> bool:
    """Whether more than one recipient's server refuses the text, or the only one's.

    What comes back by mail can be forged by whoever got the mail: no single recipient stops a campaign for all.
    """
    of_campaign = (d.campaign_id == campaign_id, d.channel == EMAIL)
    refusing = (d.state == "failed", d.reason == "content", d.sent_at >= since)
    people = select(d.subscriber_id).where(*of_campaign).distinct().limit(ENOUGH)
    against = people.where(*refusing)
    return len((await conn.execute(against)).all()) >= len((await conn.execute(people)).all())


async def _of_notice(conn: AsyncConnection, bounce: Any) -> str | None:
    """A request to confirm or a link to sign in bounces as any other mail does; it belongs to no campaign."""
    which = and_(n.notice_id == bounce.delivery_id, n.channel == EMAIL)
    shown = (n.state, n.subscriber_id, n.contact_id)
    row = (await conn.execute(select(*shown).where(which).with_for_update())).one_or_none()
    if row is None:
        return UNKNOWN
    if row.state == "claimed":
        return WAITS
    failed = bounce.word in FINAL and row.state == "sent"
    if failed:
        await conn.execute(update(notices).where(which).values(state="failed", reason=bounce.word))
    if bounce.word == "content":
        log.error("notice.refused", channel=EMAIL, reason=bounce.detail)
    return None if await _blame(conn, bounce, row) or failed else ENDED
