"""The bulk path: many subscribers with their contacts and subscriptions in few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from subscribers.addresses import PUSHED, mask
from subscribers.contacts import Vault
from subscribers.criteria import subscription_id
from subscribers.errors import SubscriberLeftError, SuppressedContactError
from subscribers.model import MAX_CONTACTS, Change, ContactIn, Enrolment, Refusal, SubscriptionIn, shard_of
from subscribers.notices import Ask, ask_many_to_confirm
from subscribers.rows import (
    contact_id_of,
    note,
    suppressed,
    write_contacts,
    write_subscribers,
)
from subscribers.subscription_rows import subscription_row, write_subscriptions
from subscribers.subscriptions import MAX_SUBSCRIPTIONS
from subscribers.suppression import holders_that_said_no

Indexes = Mapping[ContactIn, str]  # the blind index of each contact


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        changes: To announce.
        refused: The rows that were not taken, by line.
        confirmations: How many contacts without consent are asked to confirm.
    """

    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]
    confirmations: int = 0


@dataclass(frozen=True)
class _Taken:
    """The rows of one subscriber, as one, and the lines they stood at."""

    whole: Enrolment
    lines: tuple[int, ...]


async def put_many(
    conn: AsyncConnection,
    vault: Vault,
    rows: Sequence[Enrolment],
    *,
    shards: int,
    now: datetime,
    actor: str,
    ask_at: datetime | None = None,
) -> Imported:
    """Import rows: an import adds, and never overrides what the subscriber itself decided.

    New subscribers get everything. Of known ones name, credit code, kind and profile are replaced; contacts and
    subscriptions are added; preferences, profile matching, withdrawals, opt-outs and ended subscriptions stay. Several
    rows of one subscriber are one subscriber: the last profile counts, contacts and subscriptions add up. Rows with a
    suppressed contact, unless it is the subscriber's own and only said no, and rows of subscribers that have left, are
    refused. Give some thousand rows at a time; the same rows twice do no harm.

    Args:
        conn: In a transaction.
        vault: Seals the contacts.
        rows: Read and checked.
        shards: Of the installation.
        now: The moment of the change.
        actor: Who imports, for the audit.
        ask_at: The moment on the real clock, to ask contacts without consent to confirm; None to ask nobody.
    """
    indexes = {c: vault.index_of(c.channel, c.address) for row in rows for c in row.subscriber.contacts}
    dead = await suppressed(conn, indexes)
    known = await holders_that_said_no(conn, dead, indexes)
    taken, refused = _taken(rows, dead, known, indexes)
    given = {key: taken[key].whole.subscriber for key in sorted(taken)}
    written = await write_subscribers(
        conn, vault, given, shards=shards, now=now, replace_choices=False, rejoin=False, by_staff=True
    )
    for key in given.keys() - written.keys():
        refused += [Refusal(line, str(SubscriberLeftError(key))) for line in taken[key].lines]
    contacts_in = {key: (row.data_key, given[key].contacts) for key, row in written.items()}
    await write_contacts(conn, vault, contacts_in, indexes)
    wishes = _subscription_rows({key: taken[key].whole.subscriptions for key in written}, now)
    await write_subscriptions(conn, wishes, revive=False)
    asked = 0
    if ask_at is not None:
        asks = list(_asks({key: given[key].contacts for key in written}, indexes))
        asked = await ask_many_to_confirm(conn, asks, now_real=ask_at)
    counts = {"subscribers": len(written), "refused": len(refused), "asked": asked}
    await note(conn, actor, "subscribers.imported", "", counts, now)
    changes = (Change(key, shard_of(key, shards), row.version) for key, row in written.items())
    return Imported(tuple(changes), tuple(sorted(refused, key=lambda refusal: refusal.line)), asked)


def _taken(
    rows: Iterable[Enrolment],
    dead: Mapping[ContactIn, str],
    known: Collection[tuple[str, str]],
    indexes: Indexes,
) -> tuple[dict[str, _Taken], list[Refusal]]:
    taken: dict[str, _Taken] = {}
    refused: list[Refusal] = []
    for row in rows:
        wrong = [
            str(
                SuppressedContactError(contact.channel, mask(contact.channel, contact.address), dead[contact])
            )
            for contact in (row.subscriber.contacts if dead else ())
            if contact in dead and (row.subscriber_id, indexes[contact]) not in known
        ]
        before = taken.get(row.subscriber_id)
        whole = row if before is None else _merged(before.whole, row)
        wrong += _too_many(whole)
        if wrong:
            refused.append(Refusal(row.line, "; ".join(wrong)))
        else:
            taken[row.subscriber_id] = _Taken(whole, (*(before.lines if before else ()), row.line))
    return taken, refused


def _merged(before: Enrolment, row: Enrolment) -> Enrolment:
    contacts = tuple(dict.fromkeys((*before.subscriber.contacts, *row.subscriber.contacts)))
    subscriber = row.subscriber.model_copy(update={"contacts": contacts})
    wishes = {(wish.id, wish.name): wish for wish in (*before.subscriptions, *row.subscriptions)}
    return Enrolment(row.subscriber_id, subscriber, tuple(wishes.values()), row.line)


def _too_many(whole: Enrolment) -> list[str]:
    limits = (
        ("contacts", len(whole.subscriber.contacts), MAX_CONTACTS),
        ("subscriptions", len(whole.subscriptions), MAX_SUBSCRIPTIONS),
    )
    return [
        f"with the rows above, {whole.subscriber_id} has {count} {what}; it may have {most}"
        for what, count, most in limits
        if count > most
    ]


def _subscription_rows(given: Mapping[str, Sequence[SubscriptionIn]], now: datetime) -> list[dict[str, Any]]:
    rows = {}
    for subscriber_id, wishes in given.items():
        for wish in wishes:
            own_id = subscription_id(subscriber_id, wish.id, wish.criteria)
            rows[own_id] = subscription_row(subscriber_id, wish, own_id, now)
    return list(rows.values())


def _asks(given: Mapping[str, Sequence[ContactIn]], indexes: Indexes) -> Iterable[Ask]:
    for subscriber_id, contacts in given.items():
        for contact in contacts:
            if contact.consent is None and contact.channel in PUSHED:
                contact_id = contact_id_of(subscriber_id, contact.channel, indexes[contact])
                yield subscriber_id, contact.channel, contact_id
