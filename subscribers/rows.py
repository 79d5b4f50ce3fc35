"""Subscribers as rows: the statements that the single and the bulk path share.

Every write raises the subscriber's version in the same statement, and locks its row first (callers go by ascending
subscriber_id), so that writers of the same subscriber queue up and never deadlock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.bulk import execute_many
from config.database.record import type_insert
from config.database.schema import audit, contacts, subscribers, suppressions
from subscribers.contacts import Vault
from subscribers.errors import UnknownSubscriberError
from subscribers.ids import id_from
from subscribers.model import (
    ACTIVE,
    LEFT,
    Change,
    ContactIn,
    Preferences,
    SubscriberIn,
    shard_of,
)

CONTACTS = UUID("0f6a2f3e-3f0d-5b55-8a2e-6f3c1f8f7c21")  # namespace, fixed for ever
CHUNK = 500  # rows a statement; SQLite and PostgreSQL both take 32,766 parameters


T = TypeVar("T")


@dataclass(frozen=True)
class Written:
    """A subscriber's row after a write; ``data_key`` is the key in force, ours or the one that was there."""

    version: int
    data_key: bytes


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield ``items`` in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def in_shard_of_few(shard: int | None) -> ColumnElement[bool]:
    """Which of a few subscribers, who are found by something else, are in a shard (None: in any).

    An expression has no index: with one on the shard, SQLite goes through all of a shard for two credit codes.
    """
    return true() if shard is None else subscribers.c.shard + 0 == shard


async def write_subscribers(
    conn: AsyncConnection,
    vault: Vault,
    given: Mapping[str, SubscriberIn],
    *,
    shards: int,
    now: datetime,
    replace_choices: bool,
    rejoin: bool,
    by_staff: bool,
) -> dict[str, Written]:
    """Insert or update rows; those that have left are passed over unless ``rejoin``.

    Args:
        conn: In a transaction.
        vault: Makes the data keys of new subscribers.
        given: By subscriber_id, ascending.
        shards: Of the installation.
        now: The moment of the change.
        replace_choices: Whether preferences and profile matching of an existing row are replaced too.
        rejoin: Whether one that has left becomes active again.
        by_staff: Whether staff says so: then the credit codes are confirmed. The subscriber's own word leaves a
            confirmation as long as the code stays the same.

    Returns:
        What was written, by subscriber_id; those passed over are missing.
    """
    keys = {subscriber_id: vault.new_data_key() for subscriber_id in given}
    values = [
        _row(subscriber_id, subscriber, keys[subscriber_id][1], shards, now, by_staff)
        for subscriber_id, subscriber in given.items()
    ]
    await execute_many(
        conn, _upsert_subscribers(conn.dialect.name, replace_choices=replace_choices, rejoin=rejoin), values
    )
    written: dict[str, Written] = {}
    for part in chunks(list(given)):
        # Theirs are locked until the end: what is read here is what was written.
        for subscriber_id, version, in_force in await conn.execute(
            _WRITTEN, {"ids": part, "no": "" if rejoin else LEFT}
        ):
            key, wrapped = keys[subscriber_id]
            written[subscriber_id] = Written(version, key if in_force == wrapped else vault.unwrap(in_force))
    return written


_s = subscribers.c
_WRITTEN = select(_s.subscriber_id, _s.version, _s.wrapped_key).where(
    _s.subscriber_id.in_(bindparam("ids", expanding=True)), _s.status != bindparam("no")
)


def _row(
    subscriber_id: str, subscriber: SubscriberIn, wrapped: bytes, shards: int, now: datetime, by_staff: bool
) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "shard": shard_of(subscriber_id, shards),
        "name": subscriber.name,
        "credit_code": subscriber.credit_code,
        "credit_code_confirmed": by_staff and subscriber.credit_code is not None,
        "kind": subscriber.kind,
        "status": ACTIVE,
        "profile": subscriber.profile.model_dump(mode="json"),
        "preferences": _plain(subscriber.preferences),
        "profile_matching": subscriber.profile_matching,
        "wrapped_key": wrapped,
        "version": 1,
        "announced_version": 0,
        "created_at": now,
        "updated_at": now,
    }


@lru_cache(maxsize=1024)
def _plain(preferences: Preferences) -> dict[str, Any]:
    # A list's rows mostly choose the same, and what is one object is written as one text (see `execute_many`).
    return preferences.model_dump(mode="json", by_alias=True)


@cache
def _upsert_subscribers(dialect: str, *, replace_choices: bool, rejoin: bool) -> Any:
    statement = type_insert[dialect](subscribers)
    new, old = statement.excluded, subscribers.c
    names = ["name", "credit_code", "kind", "profile", "updated_at"]
    names += ["preferences", "profile_matching"] if replace_choices else []
    changed: dict[str, Any] = {name: new[name] for name in names}
    changed["credit_code_confirmed"] = or_(new.credit_code_confirmed, still_confirmed(new.credit_code))
    changed["version"] = old.version + 1
    # Two writers of a new subscriber both bring a key: the first stays, or contacts would be sealed with a lost one.
    changed["wrapped_key"] = func.coalesce(old.wrapped_key, new.wrapped_key)
    changed["status"] = case((old.status == LEFT, ACTIVE), else_=old.status)
    return statement.on_conflict_do_update(
        index_elements=[old.subscriber_id], set_=changed, where=None if rejoin else old.status != LEFT
    )


def still_confirmed(code: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Return whether a row's credit code is confirmed and ``code`` is the same."""
    c = subscribers.c
    return case((and_(c.credit_code_confirmed, c.credit_code == code), true()), else_=false())


async def write_contacts(
    conn: AsyncConnection,
    vault: Vault,
    given: Mapping[str, tuple[bytes, Sequence[ContactIn]]],
    indexes: Mapping[ContactIn, str],
) -> set[str]:
    """Insert contacts, or renew the consent of those that are there; nothing is removed.

    Args:
        conn: In a transaction that has written the subscribers' rows.
        vault: Seals the addresses.
        given: subscriber_id → (data key, contacts).
        indexes: The blind index of every contact.

    Returns:
        The contact_ids, new or not.
    """
    values = [
        _contact(vault, subscriber_id, key, contact, indexes[contact])
        for subscriber_id, (key, contacts_in) in given.items()
        for contact in contacts_in
    ]
    await execute_many(conn, _upsert_contacts(conn.dialect.name), values)
    return {value["contact_id"] for value in values}


@cache
def _upsert_contacts(dialect: str) -> Any:
    statement = type_insert[dialect](contacts)
    new, old = statement.excluded, contacts.c
    # Consent only moves forward: an old list imported late neither replaces a newer consent nor undoes a withdrawal.
    fresh = and_(
        new.consent_basis.is_not(None),
        or_(old.withdrawn_at.is_(None), new.consent_at > old.withdrawn_at),
        or_(old.consent_at.is_(None), new.consent_at >= old.consent_at),
    )
    names = ("consent_basis", "consent_at", "consent_evidence")
    renewed: dict[str, Any] = {name: new[name] for name in names} | {"withdrawn_at": None}
    return statement.on_conflict_do_update(
        index_elements=[old.subscriber_id, old.channel, old.blind_index], set_=renewed, where=fresh
    )


def contact_id_of(subscriber_id: str, channel: str, blind_index: str) -> str:
    """Return the id of a contact.

    The same address of the same subscriber is the same contact for ever, also after it was removed and came back.
    """
    return id_from(CONTACTS, f"{subscriber_id}\n{channel}\n{blind_index}")


def _contact(
    vault: Vault, subscriber_id: str, key: bytes, contact: ContactIn, blind_index: str
) -> dict[str, Any]:
    consent = contact.consent
    return {
        "contact_id": contact_id_of(subscriber_id, contact.channel, blind_index),
        "subscriber_id": subscriber_id,
        "channel": contact.channel,
        "address": vault.encrypt(key, subscriber_id, contact.channel, contact.address),
        "blind_index": blind_index,
        "consent_basis": consent.basis if consent else None,
        "consent_at": consent.at if consent else None,
        "consent_evidence": consent.evidence if consent else None,
    }


async def suppressed(conn: AsyncConnection, indexes: Mapping[ContactIn, str]) -> dict[ContactIn, str]:
    """Return those of the contacts that are suppressed, with the reason."""
    found: dict[tuple[str, str], str] = {}
    for part in chunks(sorted(set(indexes.values()))):
        rows = await conn.execute(select(suppressions).where(suppressions.c.blind_index.in_(part)))
        found |= {(row.channel, row.blind_index): row.reason for row in rows}
    if not found:
        return {}
    keys = {contact: (contact.channel, index) for contact, index in indexes.items()}
    return {contact: found[key] for contact, key in keys.items() if key in found}


async def withdraw(conn: AsyncConnection, which: ColumnElement[bool], now: datetime) -> None:
    """Take back the consent to these contacts; what was never confirmed is deleted, an earlier withdrawal stands."""
    c = contacts.c
    await conn.execute(delete(contacts).where(which, c.consent_basis.is_(None)))
    await conn.execute(update(contacts).where(which, c.withdrawn_at.is_(None)).values(withdrawn_at=now))


async def bump(conn: AsyncConnection, subscriber_id: str, now: datetime) -> Change:
    """Raise the version of a subscriber, which also locks its row.

    Raises:
        UnknownSubscriberError: there is none.
    """
    statement = (
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(version=subscribers.c.version + 1, updated_at=now)
        .returning(subscribers.c.shard, subscribers.c.version)
    )
    row = (await conn.execute(statement)).one_or_none()
    if row is None:
        raise UnknownSubscriberError(subscriber_id)
    return Change(subscriber_id, row.shard, row.version)


async def note(
    conn: AsyncConnection, actor: str, action: str, about: str, details: dict[str, Any], now: datetime
) -> None:
    """Write an audit row; ``details`` must not hold a contact."""
    row = {
        "audit_id": str(uuid4()),
        "at": now,
        "actor": actor,
        "action": action,
        "object": about,
        "details": details,
    }
    await conn.execute(insert(audit), [row])
