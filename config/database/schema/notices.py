"""Table of messages that are no push: requests to confirm, sign-in links, codes."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Moment

OPEN = text("state IN ('planned','claimed')")
# A confirmation that was used is the proof of a consent and stays as long as its subscriber.
PROVES_NOTHING = text("(kind = 'sign_in' OR state <> 'used')")

notices = Table(
    "notices",
    metadata,
    Column("notice_id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),  # confirm | invite | sign_in
    Column("subscriber_id", String(64), ForeignKey("subscribers.subscriber_id"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("contact_id", String(64), nullable=False),
    Column("state", String(12), nullable=False),  # planned | claimed | sent | failed | used | expired
    Column("reason", Text),
    Column("code_hash", String(64)),  # of a code by SMS, made when it is sent
    Column("guesses_left", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("claim", String(36)),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("used_at", Moment),
    Index("ix_notices_open", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
    # At most one of a kind waits for a contact, whoever else asks at the same moment.
    Index("ix_notices_one_open", "contact_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_notices_contact_id", "contact_id"),
    Index("ix_notices_passing", "created_at", sqlite_where=PROVES_NOTHING, postgresql_where=PROVES_NOTHING),
)
