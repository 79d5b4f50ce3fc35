"""Joining by oneself: a sign-up is pending until somebody who reads an address of it says so (double opt-in).

Nobody learns here whether an address is known: the answer is the same, only what is sent to the address differs.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, subscribers
from subscribers.addresses import normalise
from subscribers.contacts import Vault
from subscribers.criteria import subscription_id
from subscribers.model import (
    ACTIVE,
    PENDING,
    ContactIn,
    CreditCode,
    Preferences,
    Profile,
    ShortText,
    Strict,
    SubscriberIn,
    SubscriptionIn,
)
from subscribers.notices import Ask, addresses_of, ask_many_to_confirm, ask_to_sign_in
from subscribers.rows import (
    note,
    suppressed,
    write_contacts,
    write_subscribers,
)
from subscribers.subscription_rows import subscription_row, write_subscriptions
from subscribers.suppression import OPTED_OUT
from subscribers.words.codes import Subject

MAX_ADDRESSES = 4
MAX_WISHES = 16
SHARED_BY = 5  # subscribers that may get a sign-in link for one address they share


class AddressIn(Strict):
    """An address in its normal spelling; consent is not given here but by confirming."""

    channel: Literal["email", "sms"]
    address: str = Field(repr=False, max_length=320)

    @model_validator(mode="before")
    @classmethod
    def _normal(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("channel") in ("email", "sms"):
            address = given.get("address")
            if isinstance(address, str):
                return {**given, "address": normalise(given["channel"], address)}
        return given


def _each_once(given: tuple[AddressIn, ...]) -> tuple[AddressIn, ...]:
    return tuple(dict.fromkeys(given))


def _each_id_once(given: tuple[SubscriptionIn, ...]) -> tuple[SubscriptionIn, ...]:
    ids = [item.id for item in given if item.id]
    if len(ids) != len(set(ids)):
        raise ValueError("two subscriptions have the same id")
    return given


class JoinIn(Strict):
    """A sign-up."""

    name: ShortText
    credit_code: CreditCode | None = None
    kind: Subject = "enterprise"
    profile: Profile = Profile()
    contacts: Annotated[
        tuple[AddressIn, ...], Field(min_length=1, max_length=MAX_ADDRESSES), AfterValidator(_each_once)
    ]
    subscriptions: Annotated[
        tuple[SubscriptionIn, ...], Field(max_length=MAX_WISHES), AfterValidator(_each_id_once)
    ] = ()
    preferences: Preferences = Preferences()
    profile_matching: bool = True


async def join(
    conn: AsyncConnection, vault: Vault, given: JoinIn, *, shards: int, now: datetime, now_real: datetime
) -> None:
    """Take a sign-up: pending, its addresses asked to confirm.

    Where one of the addresses is confirmed for a subscriber already, a sign-in link goes there and nothing is kept.
    Addresses that are suppressed as dead are passed over; if none is left, nothing is kept. The caller learns nothing
    of it.

    Args:
        conn: In a transaction.
        vault: Seals the contacts.
        given: The sign-up.
        shards: Of the installation.
        now: Domain time.
        now_real: Real time, which links and limits last by.
    """
    wished = [ContactIn(channel=one.channel, address=one.address) for one in given.contacts]
    if await sign_in(conn, vault, given.contacts, now_real=now_real):
        return
    indexes = {contact: vault.blind_index(contact.channel, contact.address) for contact in wished}
    # Who said no by text message may think better of it: what is asked for here is a code, and that lifts it.
    dead = [one for one, reason in (await suppressed(conn, indexes)).items() if reason != OPTED_OUT]
    live = tuple(contact for contact in wished if contact not in dead)
    if not live:
        return
    subscriber_id = f"s-{secrets.token_hex(8)}"
    # Without room for a request nobody could ever confirm it; the savepoint takes it back as if it had not come.
    async with conn.begin_nested() as savepoint:
        asks = await _written(conn, vault, subscriber_id, given, live, indexes, shards, now)
        if not await ask_many_to_confirm(conn, asks, now_real=now_real, invited=True):
            await savepoint.rollback()


async def sign_in(
    conn: AsyncConnection, vault: Vault, addresses: Sequence[AddressIn], *, now_real: datetime
) -> bool:
    """Send a sign-in link or code to those addresses that are confirmed; returns whether one of them is known."""
    pairs = [(one.channel, vault.blind_index(one.channel, one.address)) for one in addresses]
    c = contacts.c
    query = (
        select(c.subscriber_id, c.channel, c.contact_id)
        .select_from(contacts.join(subscribers, subscribers.c.subscriber_id == c.subscriber_id))
        .where(
            or_(*(and_(c.channel == channel, c.blind_index == index) for channel, index in pairs)),
            c.consent_basis.is_not(None),
            c.withdrawn_at.is_(None),
            subscribers.c.status == ACTIVE,
        )
        .order_by(subscribers.c.updated_at.desc())
        .limit(SHARED_BY)
    )
    known = (await conn.execute(query)).all()
    for row in known:
        await ask_to_sign_in(conn, *row, now_real=now_real)
    return bool(known)


async def _written(
    conn: AsyncConnection,
    vault: Vault,
    subscriber_id: str,
    given: JoinIn,
    live: Sequence[ContactIn],
    indexes: dict[ContactIn, str],
    shards: int,
    now: datetime,
) -> list[Ask]:
    subscriber = SubscriberIn(**{name: getattr(given, name) for name in _SAME}, contacts=tuple(live))
    written = await write_subscribers(
        conn,
        vault,
        {subscriber_id: subscriber},
        shards=shards,
        now=now,
        replace_choices=True,
        rejoin=False,
        by_staff=False,
    )
    # Never announced: until it is confirmed there is nothing the shards should know.
    await conn.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(status=PENDING, announced_version=subscribers.c.version)
    )
    key = written[subscriber_id].data_key
    await write_contacts(conn, vault, {subscriber_id: (key, live)}, indexes)
    rows = {}
    for item in given.subscriptions:
        own_id = subscription_id(subscriber_id, item.id, item.criteria)
        rows[own_id] = subscription_row(subscriber_id, item, own_id, now)
    if rows:
        await write_subscriptions(conn, list(rows.values()), revive=False)
    await note(conn, subscriber_id, "subscriber.signed_up", subscriber_id, {}, now)
    return await addresses_of(conn, subscriber_id)


_SAME = ("name", "credit_code", "kind", "profile", "preferences", "profile_matching")
