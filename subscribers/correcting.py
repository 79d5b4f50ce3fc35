"""A subscriber changes one thing about itself; what it does not name stays. The whole is put in ``registry``."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, notices, subscribers, subscriptions
from subscribers.addresses import mask
from subscribers.contacts import Vault
from subscribers.criteria import subscription_id
from subscribers.errors import (
    SubscriberLeftError,
    SuppressedContactError,
    TooManySubscriptionsError,
    UnknownSubscriptionError,
)
from subscribers.model import (
    LEFT,
    MAX_CONTACTS,
    Change,
    ContactIn,
    CreditCode,
    Preferences,
    Profile,
    ShortText,
    Strict,
    SubscriptionIn,
)
from subscribers.notices import Ask
from subscribers.rows import (
    bump,
    note,
    still_confirmed,
    suppressed,
    withdraw,
    write_contacts,
)
from subscribers.subscription_rows import subscription_row, write_subscriptions
from subscribers.subscriptions import keep_to_the_limit, running
from subscribers.suppression import OPTED_OUT
from subscribers.words.codes import Subject


class WhoIn(Strict):
    """Who a subscriber is."""

    name: ShortText
    credit_code: CreditCode | None = None
    kind: Subject = "enterprise"
    profile: Profile = Profile()


class TooManyContactsError(TooManySubscriptionsError):
    """One subscriber may hold only so many contacts. Remove one first."""


async def correct(conn: AsyncConnection, subscriber_id: str, who: WhoIn, *, now: datetime) -> Change:
    """Replace name, credit code, kind and profile; a credit code that changes is not confirmed any more.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        SubscriberLeftError: it was erased.
    """
    values = {
        "name": who.name,
        "credit_code": who.credit_code,
        "kind": who.kind,
        "profile": who.profile.model_dump(mode="json"),
    }
    kept = still_confirmed(literal(who.credit_code, subscribers.c.credit_code.type))
    return await _set(conn, subscriber_id, values, now, credit_code_confirmed=kept)


async def choose(
    conn: AsyncConnection,
    subscriber_id: str,
    preferences: Preferences,
    *,
    profile_matching: bool,
    now: datetime,
) -> Change:
    """Replace how and how often it is reached.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        SubscriberLeftError: it was erased.
    """
    plain = preferences.model_dump(mode="json", by_alias=True)
    return await _set(conn, subscriber_id, {"preferences": plain, "profile_matching": profile_matching}, now)


async def add_contact(
    conn: AsyncConnection, vault: Vault, subscriber_id: str, contact: ContactIn, *, now: datetime
) -> tuple[Change, Ask]:
    """Add an address without consent; returns what to ask `ask_to_confirm` with. A second time changes nothing.

    Raises:
        SuppressedContactError: the address is suppressed as dead.
        TooManyContactsError: it has `MAX_CONTACTS` already.
        UnknownSubscriberError: there is no such subscriber.
        SubscriberLeftError: it was erased.
    """
    bare = ContactIn(channel=contact.channel, address=contact.address)
    indexes = {bare: vault.blind_index(bare.channel, bare.address)}
    for found, reason in (await suppressed(conn, indexes)).items():
        if reason == OPTED_OUT:  # taken back by the code that is asked for now
            continue
        raise SuppressedContactError(found.channel, mask(found.channel, found.address), reason)
    change = await bump(conn, subscriber_id, now)
    key = await _data_key(conn, vault, subscriber_id)
    await write_contacts(conn, vault, {subscriber_id: (key, [bare])}, indexes)
    c = contacts.c
    own = c.subscriber_id == subscriber_id
    if (await conn.scalar(select(func.count()).where(own, c.withdrawn_at.is_(None))) or 0) > MAX_CONTACTS:
        raise TooManyContactsError(f"a subscriber may hold {MAX_CONTACTS} contacts; remove one first")
    here = own & (c.channel == bare.channel) & (c.blind_index == indexes[bare])
    contact_id = await conn.scalar(select(c.contact_id).where(here))
    return change, (subscriber_id, bare.channel, str(contact_id))


async def remove_contact(
    conn: AsyncConnection, subscriber_id: str, contact_id: str, *, now: datetime
) -> Change:
    """Take back the consent to an address; one that is not (or no longer) there is taken as removed.

    A confirmed address stays as withdrawn, so that no import with an older consent brings it back; one that was never
    confirmed is deleted.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
    """
    change = await bump(conn, subscriber_id, now)
    n, c = notices.c, contacts.c
    await conn.execute(delete(notices).where(n.contact_id == contact_id, n.subscriber_id == subscriber_id))
    await withdraw(conn, (c.contact_id == contact_id) & (c.subscriber_id == subscriber_id), now)
    return change


async def add_subscription(
    conn: AsyncConnection, subscriber_id: str, given: SubscriptionIn, *, now: datetime
) -> Change:
    """Add a subscription, or replace the one with the same id or criteria.

    Raises:
        TooManySubscriptionsError: it has as many already as it may.
        UnknownSubscriberError: there is no such subscriber.
    """
    change = await bump(conn, subscriber_id, now)
    own_id = await _id_for(conn, subscriber_id, given)
    await write_subscriptions(conn, [subscription_row(subscriber_id, given, own_id, now)], revive=True)
    await keep_to_the_limit(conn, subscriber_id)
    return change


async def change_subscription(
    conn: AsyncConnection, subscriber_id: str, own_id: str, given: SubscriptionIn, *, now: datetime
) -> Change:
    """Replace what an active subscription says. Its id stays: links in older messages still end it.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        UnknownSubscriptionError: it has no active subscription of that id.
    """
    change = await bump(conn, subscriber_id, now)
    values = {
        "name": given.name,
        "criteria": given.criteria.plain(),
        "channels": list(given.channels),
    }
    here = running(subscriber_id) & (subscriptions.c.subscription_id == own_id)
    if not (await conn.execute(update(subscriptions).where(here).values(**values))).rowcount:
        raise UnknownSubscriptionError(own_id)
    return change


async def _id_for(conn: AsyncConnection, subscriber_id: str, given: SubscriptionIn) -> str:
    """Return the id of a subscription that is added, the subscriber being locked by `bump`.

    One that was changed keeps the id of its first criteria: who asks for these again gets another one beside it.
    """
    own_id = subscription_id(subscriber_id, given.id, given.criteria)
    if given.id is not None:
        return own_id
    s = subscriptions.c
    rows = await conn.execute(select(s.subscription_id, s.criteria).where(running(subscriber_id)))
    held = {row.subscription_id: row.criteria for row in rows.all()}
    same = [known for known, criteria in held.items() if criteria == given.criteria.plain()]
    if same:
        return str(min(same))
    while own_id in held:
        own_id = subscription_id(subscriber_id, own_id, given.criteria)
    return own_id


async def _set(
    conn: AsyncConnection, subscriber_id: str, values: dict[str, Any], now: datetime, **following: Any
) -> Change:
    """Write ``values``, which the audit names, and what follows from them."""
    change = await bump(conn, subscriber_id, now)
    s = subscribers.c
    done = await conn.execute(
        update(subscribers)
        .where(s.subscriber_id == subscriber_id, s.status != LEFT)
        .values(**values, **following)
    )
    if not done.rowcount:
        raise SubscriberLeftError(subscriber_id)
    await note(conn, subscriber_id, "subscriber.corrected", subscriber_id, {"fields": sorted(values)}, now)
    return change


async def _data_key(conn: AsyncConnection, vault: Vault, subscriber_id: str) -> bytes:
    wrapped = await conn.scalar(
        select(subscribers.c.wrapped_key).where(subscribers.c.subscriber_id == subscriber_id)
    )
    if wrapped is None:
        raise SubscriberLeftError(subscriber_id)
    return vault.unwrap(wrapped)
