"""Messages that are no push: a request to confirm an address, a sign-in link or code. Asked for here, sent elsewhere.

Their times are real ones (``now_real``): they last as long as a person waits, however fast domain time runs.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from config.channels import CHANNELS as ALL
from config.database.record import insert_new
from config.database.schema import contacts, notices, optouts, subscribers, suppressions
from subscribers.leaving import EVERY_CHANNEL
from subscribers.model import LEFT
from subscribers.rows import chunks
from subscribers.suppression import OPTED_OUT
from subscribers.verdict import NIGHT, SMS, quiet_until

CONFIRM: Literal["confirm"] = "confirm"
SIGN_IN: Literal["sign_in"] = "sign_in"
INVITE: Literal["invite"] = "invite"  # to confirm by a code, of a number that an import brought in
Kind = Literal["confirm", "sign_in", "invite"]

GUESSES = 5
CODE_LASTS = timedelta(minutes=10)
LASTS: dict[str, timedelta] = {
    CONFIRM: timedelta(days=3),
    SIGN_IN: timedelta(minutes=15),
    INVITE: timedelta(days=3),
}
UNINVITED_EVERY = timedelta(days=30)  # an import may ask the same address again no sooner
DAY = timedelta(days=1)
A_DAY: dict[str, int] = {CONFIRM: 3, SIGN_IN: 10}  # per address, whoever asks
CHANNELS = frozenset(spec.name for spec in ALL if spec.asked)  # of the others, the owner is known by its key
PAUSE = timedelta(seconds=30)


def lasts(kind: str, channel: str) -> timedelta:
    """Return how long a notice is good for once it was sent: a code that somebody waits for is typed in at once."""
    return CODE_LASTS if channel == SMS and kind != INVITE else LASTS[kind]


Ask = tuple[str, str, str]  # subscriber_id, channel, contact_id


async def ask_to_confirm(
    conn: AsyncConnection,
    subscriber_id: str,
    channel: str,
    contact_id: str,
    *,
    now_real: datetime,
    invited: bool = False,
) -> bool:
    """Ask whoever holds a contact to confirm it; it goes out within seconds.

    Args:
        conn: In the transaction that wrote the contact.
        subscriber_id: Whose contact.
        channel: ``email`` or ``sms``.
        contact_id: The contact.
        now_real: The moment, on the real clock.
        invited: A person waits for it (sign-up, own page). Otherwise (an import) the contact is asked once in 30 days,
            and not at all where it was withdrawn or its channel opted out of; a text message that nobody waits for
            goes by day, and its code lasts as long as a link. Three a day per address in any case.

    Returns:
        Whether it was asked. False where the contact is suppressed, confirmed already or gone, and above the limits.
    """
    asked = await ask_many_to_confirm(
        conn, [(subscriber_id, channel, contact_id)], now_real=now_real, invited=invited
    )
    return asked == 1


async def ask_many_to_confirm(
    conn: AsyncConnection, asks: Sequence[Ask], *, now_real: datetime, invited: bool = False
) -> int:
    """Do what `ask_to_confirm` does for many contacts with two statements per 500; returns how many were asked."""
    c = contacts.c
    if invited:
        unconfirmed = or_(c.consent_basis.is_(None), c.withdrawn_at.is_not(None))
        # A form that was sent twice is one sign-up.
        pressed_once = _asked_since(CONFIRM, now_real - PAUSE) == 0
        return await _ask(conn, CONFIRM, asks, and_(unconfirmed, pressed_once), now_real)
    untouched = and_(
        c.consent_basis.is_(None),
        c.withdrawn_at.is_(None),
        ~_opted_out(),
        ~exists().where(
            notices.c.contact_id == c.contact_id, notices.c.created_at > now_real - UNINVITED_EVERY
        ),
    )
    return await _ask(conn, CONFIRM, asks, untouched, now_real, waited_for=False)


async def addresses_of(conn: AsyncConnection, subscriber_id: str) -> list[Ask]:
    """Return what to ask about: every address of a subscriber, confirmed or not."""
    c = contacts.c
    found = select(c.subscriber_id, c.channel, c.contact_id).where(c.subscriber_id == subscriber_id)
    return [(row.subscriber_id, row.channel, row.contact_id) for row in await conn.execute(found)]


async def ask_to_sign_in(
    conn: AsyncConnection, subscriber_id: str, channel: str, contact_id: str, *, now_real: datetime
) -> bool:
    """Send a sign-in link (e-mail) or code (SMS) to a confirmed contact.

    A closed channel does not matter: the person asks for it, and needs it to change its mind.

    Returns:
        Whether it will be sent. False where the contact is suppressed, was never confirmed or is gone, and above ten a
        day for its address.
    """
    ask = (subscriber_id, channel, contact_id)
    confirmed = contacts.c.consent_basis.is_not(None) & contacts.c.withdrawn_at.is_(None)
    return await _ask(conn, SIGN_IN, [ask], confirmed, now_real) == 1


async def _ask(
    conn: AsyncConnection,
    kind: Kind,
    asks: Sequence[Ask],
    condition: Any,
    now_real: datetime,
    *,
    waited_for: bool = True,
) -> int:
    asked = 0
    of_address: Counter[tuple[str, str]] = Counter()
    by_message = [ask for ask in asks if ask[1] in CHANNELS]
    for part in chunks(by_message):
        wanted, rows = set(part), []
        ids = [contact_id for _, _, contact_id in part]
        for row in await conn.execute(_reachable(kind, ids, condition, now_real, waited_for)):
            address = (row.channel, row.blind_index)
            known = (row.subscriber_id, row.channel, row.contact_id) in wanted
            if known and row.asked_today + of_address[address] < A_DAY[kind]:
                of_address[address] += 1
                due_at = now_real if waited_for else _by_day(row.channel, now_real)
                of_it = INVITE if row.channel == SMS and not waited_for else kind
                rows.append(_notice(of_it, row, now_real, due_at))
        if rows:
            # One that waits to be sent already holds the place: the unique index says so, also to a second writer.
            done = await conn.execute(insert_new(conn, notices).returning(notices.c.notice_id), rows)
            asked += len(done.all())
    return asked


def _by_day(channel: str, now_real: datetime) -> datetime:
    """Return when a message that nobody waits for may go: no text message between 21:00 and 08:00."""
    return (quiet_until(NIGHT, now_real) if channel == SMS else None) or now_real


def _notice(kind: Kind, contact: Row[Any], now_real: datetime, due_at: datetime) -> dict[str, Any]:
    return {
        "notice_id": str(uuid4()),
        "kind": kind,
        "subscriber_id": contact.subscriber_id,
        "channel": contact.channel,
        "contact_id": contact.contact_id,
        "state": "planned",
        "guesses_left": GUESSES,
        "attempts": 0,
        "due_at": due_at,
        "expires_at": now_real + LASTS[kind],
        "created_at": now_real,
    }


def _reachable(kind: Kind, ids: Sequence[str], condition: Any, now_real: datetime, waited_for: bool) -> Any:
    c, n, s = contacts.c, notices.c, suppressions.c
    # Who said no by text message gets what it asks for itself, or it could never take that back.
    stops = s.reason != OPTED_OUT if waited_for else true()
    dead = exists().where(s.channel == c.channel, s.blind_index == c.blind_index, stops)
    just_asked = exists().where(
        n.contact_id == c.contact_id, _like(kind), n.created_at > now_real - PAUSE, n.state != "failed"
    )
    return (
        select(
            c.subscriber_id,
            c.channel,
            c.contact_id,
            c.blind_index,
            _asked_since(kind, now_real - DAY).label("asked_today"),
        )
        .select_from(contacts.join(subscribers, subscribers.c.subscriber_id == c.subscriber_id))
        .where(c.contact_id.in_(ids), subscribers.c.status != LEFT, ~dead, ~just_asked, condition)
        .order_by(c.contact_id)
    )


def _asked_since(kind: Kind, since: datetime) -> Any:
    # Counted per address, not per contact: the same mailbox may be given for many subscribers, by anybody.
    same, n = contacts.alias("same"), notices.c
    return (
        select(func.count())
        .select_from(notices.join(same, same.c.contact_id == n.contact_id))
        .where(
            same.c.channel == contacts.c.channel,
            same.c.blind_index == contacts.c.blind_index,
            _like(kind),
            n.created_at > since,
        )
        .correlate(contacts)
        .scalar_subquery()
    )


def _like(kind: Kind) -> ColumnElement[bool]:
    # Asked to confirm is asked to confirm, whether a person waits for it or not.
    return notices.c.kind == SIGN_IN if kind == SIGN_IN else notices.c.kind != SIGN_IN


def _opted_out() -> Any:
    return exists().where(
        and_(
            optouts.c.subscriber_id == contacts.c.subscriber_id,
            or_(optouts.c.channel == EVERY_CHANNEL, optouts.c.channel == contacts.c.channel),
        )
    )
