"""The register of subscribers: put, get, announce. Every function works inside the caller's transaction.

Its other half lies in ``subscriptions``, ``leaving``, ``bulk`` and ``shards``; their names can be taken from here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, optouts, subscribers
from subscribers.addresses import mask
from subscribers.bulk import Imported, put_many
from subscribers.contacts import Vault
from subscribers.errors import SubscriberLeftError, SuppressedContactError, UnknownSubscriberError
from subscribers.leaving import erase, opt_in, opt_out
from subscribers.model import ACTIVE, Change, ContactIn, Preferences, SubscriberIn, shard_of
from subscribers.rows import chunks, note, suppressed, withdraw, write_contacts, write_subscribers
from subscribers.shards import IndexRow, load_shard
from subscribers.subscriptions import SubscriptionOut, get_subscriptions, put_subscriptions
from subscribers.suppression import OPTED_OUT, holders_that_said_no

__all__ = [
    "ContactOut",
    "Imported",
    "IndexRow",
    "SubscriberOut",
    "SubscriptionOut",
    "active_name",
    "erase",
    "get_subscriber",
    "get_subscriptions",
    "load_shard",
    "mark_announced",
    "opt_in",
    "opt_out",
    "put_many",
    "put_subscriber",
    "put_subscriptions",
    "unannounced",
]


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class ContactOut(_Out):
    """A contact as it is shown; ``address`` is masked unless it was asked for in the clear."""

    contact_id: str
    channel: str
    address: str
    consent_basis: str | None
    consent_at: AwareDatetime | None
    consent_evidence: str | None
    withdrawn_at: AwareDatetime | None


class SubscriberOut(_Out):
    """A subscriber as it is shown; ``opted_out`` are channel names, ``*`` being all of them."""

    subscriber_id: str
    shard: int
    version: int
    name: str
    credit_code: str | None
    credit_code_confirmed: bool
    kind: str
    status: str
    profile: dict[str, Any]
    preferences: Preferences
    profile_matching: bool
    contacts: tuple[ContactOut, ...]
    opted_out: tuple[str, ...]
    created_at: AwareDatetime
    updated_at: AwareDatetime


async def put_subscriber(
    conn: AsyncConnection,
    vault: Vault,
    subscriber_id: str,
    subscriber: SubscriberIn,
    *,
    shards: int,
    now: datetime,
    actor: str,
    rejoin: bool = False,
) -> Change:
    """Create a subscriber, or replace what is known about it.

    Contacts that are no longer named are removed; by the subscriber's own wish (``rejoin``) they stay as withdrawn, so
    that no import with an older consent brings them back. A contact without ``consent``
    keeps the consent it has; one with an older consent than its withdrawal stays withdrawn. Opt-outs are not touched.

    Args:
        conn: In a transaction.
        vault: Seals the contacts.
        subscriber_id: ``[A-Za-z0-9._-]{1,64}``, checked by the caller's model.
        subscriber: The whole of it.
        shards: Of the installation.
        now: The moment of the change.
        actor: Who does it, for the audit.
        rejoin: It is the subscriber's own wish: one that has left may come back, and a credit code that it changes is
            not confirmed. Otherwise staff says so, which confirms it.

    Raises:
        SuppressedContactError: one of the addresses is suppressed, and no number that this subscriber holds and only
            said no from.
        SubscriberLeftError: it has left and ``rejoin`` is not given.
    """
    indexes = {
        contact: vault.blind_index(contact.channel, contact.address) for contact in subscriber.contacts
    }
    await _refuse_dead(conn, subscriber_id, indexes, rejoin)
    written = await write_subscribers(
        conn,
        vault,
        {subscriber_id: subscriber},
        shards=shards,
        now=now,
        replace_choices=True,
        rejoin=rejoin,
        by_staff=not rejoin,
    )
    if subscriber_id not in written:
        raise SubscriberLeftError(subscriber_id)
    row = written[subscriber_id]
    kept = await write_contacts(conn, vault, {subscriber_id: (row.data_key, subscriber.contacts)}, indexes)
    unnamed = (contacts.c.subscriber_id == subscriber_id) & contacts.c.contact_id.not_in(kept)
    if rejoin:
        await withdraw(conn, unnamed, now)
    else:
        await conn.execute(delete(contacts).where(unnamed, contacts.c.withdrawn_at.is_(None)))
    await note(conn, actor, "subscriber.put", subscriber_id, {"version": row.version}, now)
    return Change(subscriber_id, shard_of(subscriber_id, shards), row.version)


async def _refuse_dead(
    conn: AsyncConnection, subscriber_id: str, indexes: Mapping[ContactIn, str], rejoin: bool
) -> None:
    dead = await suppressed(conn, indexes)
    known = await holders_that_said_no(conn, dead, indexes)
    for contact, reason in dead.items():
        if (subscriber_id, indexes[contact]) in known or (rejoin and reason == OPTED_OUT):
            continue  # nothing goes there until its holder takes it back
        raise SuppressedContactError(contact.channel, mask(contact.channel, contact.address), reason)


async def has_subscriber(conn: AsyncConnection, subscriber_id: str) -> bool:
    """Return whether there is a subscriber of that id, also one that was erased: its ledger rows stay."""
    c = subscribers.c
    return bool(await conn.scalar(select(c.subscriber_id).where(c.subscriber_id == subscriber_id)))


async def get_subscriber(
    conn: AsyncConnection, vault: Vault, subscriber_id: str, *, reveal: bool = False
) -> SubscriberOut:
    """Return a subscriber; addresses are masked unless ``reveal``.

    Raises:
        UnknownSubscriberError: there is none.
    """
    row = (
        await conn.execute(select(subscribers).where(subscribers.c.subscriber_id == subscriber_id))
    ).one_or_none()
    if row is None:
        raise UnknownSubscriberError(subscriber_id)
    query = select(contacts).where(contacts.c.subscriber_id == subscriber_id)
    held = (await conn.execute(query.order_by(contacts.c.channel, contacts.c.contact_id))).all()
    key = vault.unwrap(row.wrapped_key) if row.wrapped_key and held else b""
    shown = []
    for contact in held:
        address = vault.decrypt(key, subscriber_id, contact.channel, contact.address)
        fields = {name: getattr(contact, name) for name in ContactOut.model_fields}
        shown.append(
            ContactOut(**fields | {"address": address if reveal else mask(contact.channel, address)})
        )
    out = await conn.scalars(select(optouts.c.channel).where(optouts.c.subscriber_id == subscriber_id))
    return SubscriberOut(
        **{name: getattr(row, name) for name in SubscriberOut.model_fields if name in row._fields},
        contacts=tuple(shown),
        opted_out=tuple(sorted(out)),
    )


async def active_name(conn: AsyncConnection, subscriber_id: str) -> str | None:
    """Return the name of a subscriber that is active, else None."""
    query = select(subscribers.c.name).where(
        subscribers.c.subscriber_id == subscriber_id, subscribers.c.status == ACTIVE
    )
    name: str | None = await conn.scalar(query)
    return name


async def mark_announced(conn: AsyncConnection, announced: Sequence[tuple[str, int]]) -> None:
    """Note that the log holds these (subscriber_id, version); an older version never undoes a newer one."""
    s, told = subscribers.c, sorted(announced)
    for part in chunks(told):
        # By ascending subscriber_id, as all who write several; then by version, of which there are few.
        own = s.subscriber_id.in_([subscriber_id for subscriber_id, _ in part])
        await conn.execute(select(s.subscriber_id).where(own).order_by(s.subscriber_id).with_for_update())
    reached: defaultdict[int, list[str]] = defaultdict(list)
    for subscriber_id, version in told:
        reached[version].append(subscriber_id)
    for version, ids in reached.items():
        for some in chunks(ids):
            behind = s.subscriber_id.in_(some) & (s.announced_version < version)
            await conn.execute(update(subscribers).where(behind).values(announced_version=version))


async def unannounced(conn: AsyncConnection, older_than: datetime, limit: int) -> list[Change]:
    """Return changes before ``older_than`` that the log has not been told of, oldest first: a crash came between."""
    query = (
        select(subscribers.c.subscriber_id, subscribers.c.shard, subscribers.c.version)
        .where(subscribers.c.announced_version < subscribers.c.version, subscribers.c.updated_at < older_than)
        .order_by(subscribers.c.updated_at)
        .limit(limit)
    )
    return [Change(*row) for row in await conn.execute(query)]
