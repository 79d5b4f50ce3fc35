"""Tables of what far sides call messages by ids of their own, and of what they say about ids that nobody knows yet."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Moment

# In the words in which SQLite takes the index of those that are not settled yet.
WAITING = text("(status IS NULL OR status = 'accepted')")
# As well: rows that stand for a message whose answer was lost; reports of which it is known whom they are about.
LOST = text("parts = 0")
WHOSE = text("whose IS NOT NULL")

# A row for each part of a message that a gateway took; where its answer was lost, one under the delivery's own id.
gateway_messages = Table(
    "gateway_messages",
    metadata,
    Column("gateway", String(32), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("number_key", String(64), primary_key=True),  # blind: one id may cover several numbers
    Column("delivery_id", String(36), nullable=False, index=True),
    Column("parts", Integer, nullable=False),  # of the message; 0 where the answer was lost
    Column("expected", Integer),  # where the answer was lost: reports under ids that nobody here knows
    Column("status", String(12)),  # accepted | delivered | failed; null until something was said
    Column("failure", String(16)),
    Column("over", Boolean, nullable=False),  # of an attempt that failed: the message goes again
    Column("sent_at", Moment, nullable=False),
    Column("ask_at", Moment, nullable=False),  # when the far side may be asked (again)
    Column("asks", Integer, nullable=False),
    Index("ix_gateway_messages_sent_at", "sent_at"),
    Index("ix_gateway_messages_waiting", "gateway", "ask_at", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_gateway_messages_lost", "gateway", "number_key", sqlite_where=LOST, postgresql_where=LOST),
)

# What was said about messages, until it is applied; nothing in it shows a number.
parked_reports = Table(
    "parked_reports",
    metadata,
    Column("gateway", String(32), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("number_key", String(64), primary_key=True),  # "" where the report names no number
    Column("status", String(12), primary_key=True),
    Column("failure", String(16)),
    Column("detail", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("whose", String(64)),  # the key of the number that it is about, where that is sure
    Index("ix_parked_reports_at", "at"),
    Index("ix_parked_reports_whose", "gateway", "whose", sqlite_where=WHOSE, postgresql_where=WHOSE),
)
