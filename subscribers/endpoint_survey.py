"""How the endpoints for webhooks stand, all subscribers' together: what an operator has to know of them."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, subscribers, suppressions
from subscribers.contacts import KEY_BYTES, Vault
from subscribers.endpoints import WEBHOOK

c, s, listed = contacts.c, subscribers.c, suppressions.c


@dataclass(frozen=True)
class EndpointSurvey:
    """Numbers of endpoints that nobody has withdrawn; each is counted in one of the first three.

    Attributes:
        confirmed: with consent: pushes go there.
        waiting: without: nothing goes there until their owner proves them by a test event.
        disabled: on the list of those that nothing goes to.
        unencrypted: of all of them, those whose URL begins with ``http://``; None where URLs cannot be opened.
    """

    confirmed: int
    waiting: int
    disabled: int
    unencrypted: int | None


async def survey_endpoints(conn: AsyncConnection, master_keys: str | None) -> EndpointSurvey:
    """Count them; nothing is written.

    Args:
        conn: anything that reads.
        master_keys: open the URLs; None: they stay closed.

    Raises:
        VaultError: the keys are not those of this record.
    """
    # It only opens: what it would look up or derive is not asked of it, and opening the whole vault may write.
    vault = Vault(master_keys, index_key=bytes(KEY_BYTES), root=bytes(KEY_BYTES)) if master_keys else None
    same = and_(listed.channel == c.channel, listed.blind_index == c.blind_index)
    query = (
        select(c.subscriber_id, c.address, c.consent_basis, listed.reason, s.wrapped_key)
        .select_from(contacts.join(subscribers).outerjoin(suppressions, same))
        .where(c.channel == WEBHOOK, c.withdrawn_at.is_(None), s.wrapped_key.is_not(None))
    )
    confirmed = waiting = disabled = unencrypted = 0
    for row in await conn.execute(query):
        if row.reason is not None:
            disabled += 1
        elif row.consent_basis is None:
            waiting += 1
        else:
            confirmed += 1
        if vault is not None:
            key = vault.unwrap(row.wrapped_key)
            url = vault.decrypt(key, row.subscriber_id, WEBHOOK, row.address)
            unencrypted += url.lower().startswith("http://")
    return EndpointSurvey(confirmed, waiting, disabled, unencrypted if vault is not None else None)
