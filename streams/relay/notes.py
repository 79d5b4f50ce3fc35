"""What associations wrote beside the policies that they handed on, as a member reads it in its inbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.inbox import InboxMessage
from config.database.schema import associations, memberships, relays
from streams.campaigns.occurrences import POLICY, RELAY, kind_of


@dataclass(frozen=True)
class Note:
    """What an association wrote when it handed a policy on; ``words`` may be empty."""

    association_id: str
    association: str
    words: str
    at: datetime


async def notes_beside(
    conn: AsyncConnection, subscriber_id: str, messages: Iterable[InboxMessage]
) -> dict[str, tuple[Note, ...]]:
    """Return the notes of the associations a subscriber is a member of, by ``message_id``, oldest first.

    They stand beside the first push of a revision, by its agency or by a relay; follow-ups carry none.
    """
    shown = {
        message.message_id: (message.agency_id, message.policy_id, message.revision)
        for message in messages
        if kind_of(message.occurrence) in (POLICY, RELAY)
    }
    if not shown:
        return {}
    rel, m, a = relays.c, memberships.c, associations.c
    rows = await conn.execute(
        select(rel.agency_id, rel.policy_id, rel.revision, a.association_id, a.name, rel.note, rel.at)
        .select_from(relays)
        .join(memberships, and_(m.association_id == rel.association_id, m.subscriber_id == subscriber_id))
        .join(associations, a.association_id == rel.association_id)
        .where(rel.policy_id.in_({policy for _, policy, _ in shown.values()}))
        .order_by(rel.at, rel.association_id)
    )
    found: dict[tuple[str, str, int], list[Note]] = {}
    for row in rows:
        told = Note(row.association_id, row.name, row.note, row.at)
        found.setdefault((row.agency_id, row.policy_id, row.revision), []).append(told)
    return {message_id: tuple(found[key]) for message_id, key in shown.items() if key in found}
