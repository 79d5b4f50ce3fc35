"""The bulk path: many subscribers with their contacts and subscriptions in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from subscribers.addresses import mask
from subscribers.contacts import Vault
from subscribers.criteria import subscription_id
from subscribers.errors import SubscriberLeftError, SuppressedContactError
from subscribers.model import Change, Enrolment, Refusal, shard_of
from subscribers.rows import (
    note,
    subscription_row,
    suppressed,
    write_contacts,
    write_subscribers,
    write_subscriptions,
)


@dataclass(frozen=True)
class Imported:
    """What an import did: changes to announce, and the rows that were not taken."""

    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]


async def put_many(
    conn: AsyncConnection, vault: Vault, rows: Sequence[Enrolment], *, shards: int, now: datetime, actor: str
) -> Imported:
    """Import rows: an import adds, and never overrides what the subscriber itself decided.

    New subscribers get everything. Of known ones name, credit code, kind and profile are replaced; contacts and
    subscriptions are added; preferences, profile matching, withdrawals, opt-outs and ended subscriptions stay. Several
    rows of one subscriber are one subscriber: the last profile counts, contacts and subscriptions add up. Rows with a
    suppressed contact, and rows of subscribers that have left, are refused. Give some thousand rows at a time; the same
    rows twice do no harm.
    """
    indexes = {c: vault.blind_index(c.channel, c.address) for row in rows for c in row.subscriber.contacts}
    dead = await suppressed(conn, indexes)
    refused: list[Refusal] = []
    taken: dict[str, Enrolment] = {}
    for row in rows:
        bad = next((contact for contact in row.subscriber.contacts if contact in dead), None)
        if bad is not None:
            error = SuppressedContactError(bad.channel, mask(bad.channel, bad.address), dead[bad])
            refused.append(Refusal(row.line, str(error)))
        else:
            taken[row.subscriber_id] = _merged(taken.get(row.subscriber_id), row)
    given = {subscriber_id: taken[subscriber_id].subscriber for subscriber_id in sorted(taken)}
    written = await write_subscribers(
        conn, vault, given, shards=shards, now=now, replace_choices=False, rejoin=False
    )
    for subscriber_id in given.keys() - written.keys():
        refused.append(Refusal(taken[subscriber_id].line, str(SubscriberLeftError(subscriber_id))))
    contacts_in = {key: (row.data_key, given[key].contacts) for key, row in written.items()}
    await write_contacts(conn, vault, contacts_in, indexes)
    subscription_rows = {}
    for key in written:
        for item in taken[key].subscriptions:
            own_id = subscription_id(key, item.id, item.criteria)
            subscription_rows[own_id] = subscription_row(key, item, own_id, now)
    await write_subscriptions(conn, list(subscription_rows.values()), revive=False)
    counts = {"subscribers": len(written), "refused": len(refused)}
    await note(conn, actor, "subscribers.imported", "", counts, now)
    changes = (Change(key, shard_of(key, shards), row.version) for key, row in written.items())
    return Imported(tuple(changes), tuple(sorted(refused, key=lambda refusal: refusal.line)))


def _merged(before: Enrolment | None, row: Enrolment) -> Enrolment:
    if before is None:
        return row
    contacts = (*before.subscriber.contacts, *row.subscriber.contacts)
    subscriber = row.subscriber.model_copy(update={"contacts": contacts})
    return Enrolment(row.subscriber_id, subscriber, (*before.subscriptions, *row.subscriptions), row.line)
