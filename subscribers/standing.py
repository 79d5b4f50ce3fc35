"""What is true of a recipient at the moment of sending, read from the record, not from what matching remembered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, optouts, subscribers, subscriptions, suppressions
from subscribers.addresses import SPACE
from subscribers.contacts import Vault
from subscribers.leaving import EVERY_CHANNEL
from subscribers.model import Preferences
from subscribers.rows import chunks

Recipient = tuple[str, str, str]  # subscriber_id, channel, contact_id


@dataclass(frozen=True, slots=True)
class Standing:
    """One recipient now.

    ``address`` is in the clear ("" for the space) and must never be logged. ``subscriptions`` are the ids of the active
    subscriptions that still choose this channel; for the space all that are active, because what is wanted by any
    channel may lie there when it comes late (`streams.latecomers.backfill`). ``suppressed`` is the reason, or None.
    """

    name: str
    status: str
    address: str = field(repr=False)
    consented: bool
    opted_out: bool
    suppressed: str | None
    subscriptions: frozenset[str]
    profile_matching: bool
    preferences: Preferences


async def standings(
    conn: AsyncConnection, vault: Vault, wanted: Sequence[Recipient]
) -> dict[Recipient, Standing]:
    """Return the standing of each recipient, with four queries per 500; one that is gone is missing.

    Raises:
        VaultError: a contact does not open, so the master keys are wrong.
    """
    found: dict[Recipient, Standing] = {}
    for part in chunks(wanted):
        found |= await _some(conn, vault, part)
    return found


async def _some(
    conn: AsyncConnection, vault: Vault, wanted: Sequence[Recipient]
) -> dict[Recipient, Standing]:
    ids = sorted({subscriber_id for subscriber_id, _, _ in wanted})
    people = {row.subscriber_id: row for row in await conn.execute(_people(ids))}
    held = {row.contact_id: row for row in await conn.execute(_contacts({item[2] for item in wanted}))}
    shut = {tuple(row) for row in await conn.execute(_optouts(ids))}
    choices: dict[tuple[str, str], set[str]] = {}
    for row in await conn.execute(_subscriptions(ids)):
        for channel in {*row.channels, SPACE}:
            choices.setdefault((row.subscriber_id, channel), set()).add(row.subscription_id)
    found: dict[Recipient, Standing] = {}
    for recipient in wanted:
        subscriber_id, channel, contact_id = recipient
        person, contact = people.get(subscriber_id), held.get(contact_id)
        if person is None or (channel != SPACE and not _belongs(contact, subscriber_id, channel)):
            continue
        found[recipient] = Standing(
            name=person.name,
            status=person.status,
            address="" if channel == SPACE else _address(vault, person, contact),
            consented=channel == SPACE or _consented(contact),
            opted_out=(subscriber_id, channel) in shut or (subscriber_id, EVERY_CHANNEL) in shut,
            suppressed=contact.reason if contact is not None else None,
            subscriptions=frozenset(choices.get((subscriber_id, channel), ())),
            profile_matching=person.profile_matching,
            preferences=_preferences(person.preferences),
        )
    return found


def _belongs(contact: Row[Any] | None, subscriber_id: str, channel: str) -> bool:
    return contact is not None and contact.subscriber_id == subscriber_id and contact.channel == channel


def _consented(contact: Any) -> bool:
    return contact.consent_basis is not None and contact.withdrawn_at is None


def _address(vault: Vault, person: Any, contact: Any) -> str:
    if person.wrapped_key is None:
        return ""  # erased between the queries; its status stops it
    key = vault.unwrap(person.wrapped_key)
    return vault.decrypt(key, contact.subscriber_id, contact.channel, contact.address)


_DEFAULT = Preferences()
_USUAL = _DEFAULT.model_dump(mode="json")


def _preferences(stored: dict[str, Any]) -> Preferences:
    # Most subscribers have none of their own, and validating costs more than the rest of the row.
    if all(stored.get(name, usual) == usual for name, usual in _USUAL.items()):
        return _DEFAULT
    return Preferences.model_validate(stored)


def _people(ids: Sequence[str]) -> Any:
    names = ("subscriber_id", "name", "status", "wrapped_key", "profile_matching", "preferences")
    return select(*(subscribers.c[name] for name in names)).where(subscribers.c.subscriber_id.in_(ids))


def _contacts(ids: Iterable[str]) -> Any:
    names = ("contact_id", "subscriber_id", "channel", "address", "consent_basis", "withdrawn_at")
    same = and_(
        suppressions.c.channel == contacts.c.channel, suppressions.c.blind_index == contacts.c.blind_index
    )
    return (
        select(*(contacts.c[name] for name in names), suppressions.c.reason)
        .select_from(contacts.outerjoin(suppressions, same))
        .where(contacts.c.contact_id.in_(sorted(ids)))
    )


def _optouts(ids: Sequence[str]) -> Any:
    return select(optouts.c.subscriber_id, optouts.c.channel).where(optouts.c.subscriber_id.in_(ids))


def _subscriptions(ids: Sequence[str]) -> Any:
    return select(
        subscriptions.c.subscriber_id, subscriptions.c.subscription_id, subscriptions.c.channels
    ).where(subscriptions.c.subscriber_id.in_(ids), subscriptions.c.ended_at.is_(None))
