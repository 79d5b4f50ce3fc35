"""Endpoints for webhooks among a subscriber's contacts: which there are, that one proved itself, that one is back."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, subscribers, suppressions
from subscribers.confirming import BASIS
from subscribers.contacts import Vault
from subscribers.errors import UnknownSubscriberError
from subscribers.model import ACTIVE, PENDING, Change
from subscribers.rows import bump, note
from subscribers.suppression import reinstate

WEBHOOK = "webhook"
c, s = contacts.c, subscribers.c


@dataclass(frozen=True)
class HeldEndpoint:
    """A contact of the channel webhook.

    Attributes:
        contact_id: of the contact.
        subscriber_id: whose.
        url: in the clear; it may hold a secret of its owner and is never logged.
        consented: whether anything may be pushed there.
        suppressed: why it is on the list of those that nothing goes to; None where it is not.
        suppressed_at: since when.
    """

    contact_id: str
    subscriber_id: str
    url: str = field(repr=False)
    blind_index: str = field(repr=False)
    consented: bool
    suppressed: str | None
    suppressed_at: datetime | None


async def endpoints_of(conn: AsyncConnection, vault: Vault, subscriber_id: str) -> list[HeldEndpoint]:
    """Return the endpoints of a subscriber that it has not withdrawn, by ``contact_id``.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        VaultError: a contact does not open.
    """
    person = (await conn.execute(select(s.wrapped_key).where(s.subscriber_id == subscriber_id))).one_or_none()
    if person is None:
        raise UnknownSubscriberError(subscriber_id)
    listed = suppressions.c
    same = and_(listed.channel == c.channel, listed.blind_index == c.blind_index)
    query = (
        select(c.contact_id, c.address, c.blind_index, c.consent_basis, listed.reason, listed.at)
        .select_from(contacts.outerjoin(suppressions, same))
        .where(c.subscriber_id == subscriber_id, c.channel == WEBHOOK, c.withdrawn_at.is_(None))
        .order_by(c.contact_id)
    )
    rows = (await conn.execute(query)).all()
    key = vault.unwrap(person.wrapped_key) if person.wrapped_key and rows else b""
    return [
        HeldEndpoint(
            row.contact_id,
            subscriber_id,
            vault.decrypt(key, subscriber_id, WEBHOOK, row.address),
            row.blind_index,
            row.consent_basis is not None,
            row.reason,
            row.at,
        )
        for row in rows
    ]


async def confirm_endpoint(
    conn: AsyncConnection, held: HeldEndpoint, test_id: str, *, now: datetime
) -> Change | None:
    """Take the answer to a test event, which repeated what only its receiver could know, for the owner's consent.

    Args:
        conn: in a transaction.
        held: the endpoint; one that has consent keeps what it has.
        test_id: of the test event, which is the evidence.
        now: domain time, the moment of the consent.

    Returns:
        The change to be announced; None where nothing changed.
    """
    change = await bump(conn, held.subscriber_id, now)
    given = await conn.execute(
        update(contacts)
        .where(c.contact_id == held.contact_id, c.consent_basis.is_(None), c.withdrawn_at.is_(None))
        .values(consent_basis=BASIS, consent_at=now, consent_evidence=f"webhook {test_id}")
    )
    if not given.rowcount:
        return None
    await conn.execute(
        update(subscribers)
        .where(s.subscriber_id == held.subscriber_id, s.status == PENDING)
        .values(status=ACTIVE)
    )
    details = {"contact_id": held.contact_id}
    await note(conn, held.subscriber_id, "contact.confirmed", held.subscriber_id, details, now)
    return change


async def enable_endpoint(conn: AsyncConnection, held: HeldEndpoint, *, actor: str, now: datetime) -> bool:
    """Take an endpoint that answers again off the list of those that nothing goes to; every holder has changed.

    Args:
        conn: in a transaction.
        held: as it was read; one that is there for another reason by now stays.
        actor: who asks.
        now: domain time.

    Returns:
        Whether it was there.
    """
    if held.suppressed is None:
        return False
    back = await reinstate(conn, WEBHOOK, held.blind_index, reason=held.suppressed, now=now)
    if back:
        details = {"contact_id": held.contact_id}
        await note(conn, actor, "webhook.enabled", held.subscriber_id, details, now)
    return back
