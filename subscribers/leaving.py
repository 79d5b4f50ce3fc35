"""Leaving: one subscription, one channel, everything, or for good. All of it may be said twice."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import (
    api_keys,
    contacts,
    inbox,
    memberships,
    notices,
    optouts,
    subscribers,
    subscriptions,
    webhook_attempts,
    webhook_endpoints,
)
from subscribers.addresses import CHANNELS
from subscribers.errors import UnknownSubscriberError
from subscribers.model import LEFT, Change
from subscribers.rows import bump, note
from subscribers.subscriptions import keep_to_the_limit
from subscribers.suppression import lift

EVERY_CHANNEL = "*"


class ScopeError(ValueError):
    """An opt-out must say of what: ``subscription:<id>``, ``channel:<name>`` or ``all``."""


async def opt_out(
    conn: AsyncConnection, subscriber_id: str, scope: str, *, via: str, now: datetime
) -> Change:
    """End a subscription, close a channel, or close them all; it counts from the next send on.

    A second time nothing changes and the version stays. A subscription that is not (or no longer) this subscriber's is
    taken as ended.

    Args:
        conn: In a transaction.
        subscriber_id: Who.
        scope: ``subscription:<id>``, ``channel:<name>`` or ``all``.
        via: How it was said: ``link``, ``one-click``, ``sms``, ``page`` …, at most 32 characters.
        now: When.

    Raises:
        ScopeError: the scope is none of these.
        UnknownSubscriberError: there is no such subscriber.
    """
    kind, _, name = scope.partition(":")
    ends_one = kind == "subscription" and bool(name)
    if not ends_one:
        name = _channel(scope)
    unchanged = await _locked(conn, subscriber_id)
    if ends_one:
        mine = (subscriptions.c.subscriber_id == subscriber_id) & (subscriptions.c.subscription_id == name)
        ended = update(subscriptions).where(mine, subscriptions.c.ended_at.is_(None)).values(ended_at=now)
        changed = (await conn.execute(ended)).rowcount
    else:
        row = {"subscriber_id": subscriber_id, "channel": name, "at": now, "via": via[:32]}
        changed = (await conn.execute(insert_new(conn, optouts).values(row))).rowcount
    return await bump(conn, subscriber_id, now) if changed else unchanged


async def opt_in(conn: AsyncConnection, subscriber_id: str, scope: str, *, now: datetime) -> Change:
    """Take back what `opt_out` did, on the subscriber's own wish: the subscription runs, the channel is open again.

    A no that was said by text message from a number of its own counts as taken back, too.

    Raises:
        ScopeError: the scope is none of those of `opt_out`.
        TooManySubscriptionsError: as many run in its place already as it may hold.
        UnknownSubscriberError: there is no such subscriber.
    """
    kind, _, name = scope.partition(":")
    resumes_one = kind == "subscription" and bool(name)
    if not resumes_one:
        name = _channel(scope)
    unchanged = await _locked(conn, subscriber_id)
    if resumes_one:
        ended = (subscriptions.c.subscriber_id == subscriber_id) & (subscriptions.c.subscription_id == name)
        again = update(subscriptions).where(ended, subscriptions.c.ended_at.is_not(None))
        changed = (await conn.execute(again.values(ended_at=None))).rowcount
        await keep_to_the_limit(conn, subscriber_id)
    else:
        mine = (optouts.c.subscriber_id == subscriber_id) & (optouts.c.channel == name)
        changed = (await conn.execute(delete(optouts).where(mine))).rowcount
        c = contacts.c
        held = (c.subscriber_id == subscriber_id) & (c.channel == name)
        changed += await lift(conn, held & c.consent_basis.is_not(None) & c.withdrawn_at.is_(None), now=now)
    return await bump(conn, subscriber_id, now) if changed else unchanged


async def erase(conn: AsyncConnection, subscriber_id: str, *, now: datetime, actor: str) -> Change:
    """Forget a subscriber: its key, contacts, subscriptions, memberships, inbox, notices, name and profile.

    Its API keys end. What stays is its id with the status ``left``, so that ledger rows stay pseudonymous and no import
    brings it back; and its opt-outs. With the key gone, copies of the contacts in backups and in the log cannot be read
    either.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
    """
    change = await bump(conn, subscriber_id, now)
    for table in (notices, contacts, subscriptions, memberships, inbox, webhook_endpoints, webhook_attempts):
        await conn.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    own_keys = (api_keys.c.subscriber_id == subscriber_id) & api_keys.c.revoked_at.is_(None)
    await conn.execute(update(api_keys).where(own_keys).values(revoked_at=now))
    # Who held a key is a name, too.
    await conn.execute(update(api_keys).where(api_keys.c.subscriber_id == subscriber_id).values(holder=""))
    await conn.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(
            status=LEFT,
            name="",
            credit_code=None,
            credit_code_confirmed=False,
            profile={},
            preferences={},
            profile_matching=False,
            wrapped_key=None,
        )
    )
    await note(conn, actor, "subscriber.erased", subscriber_id, {}, now)
    return change


def _channel(scope: str) -> str:
    kind, _, name = scope.partition(":")
    if scope == "all":
        return EVERY_CHANNEL
    if kind == "channel" and name in CHANNELS:
        return name
    raise ScopeError(f"{scope[:80]!r} is not subscription:<id>, channel:<{'|'.join(CHANNELS)}> or all")


async def _locked(conn: AsyncConnection, subscriber_id: str) -> Change:
    # Every writer takes the subscriber's row first; on SQLite the transaction itself is the lock.
    query = select(subscribers.c.shard, subscribers.c.version).where(
        subscribers.c.subscriber_id == subscriber_id
    )
    row = (await conn.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise UnknownSubscriberError(subscriber_id)
    return Change(subscriber_id, row.shard, row.version)
