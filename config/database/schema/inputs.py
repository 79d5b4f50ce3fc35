"""Tables of what came in, and of what was wrong for good."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

NOT_REPLAYED = text("replayed_at IS NULL")

events = Table(
    "events",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("source", String(256), primary_key=True),
    Column("event_id", String(128), primary_key=True),
    Column("type", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # of what it says, to tell a repetition from another event
    Column("topic", String(128), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),  # received | accepted | refused | dead
    Column("reason", Text),
    Column("policy_id", String(128)),
    Column("revision", Integer),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Index("ix_events_event_id", "event_id"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("dead_letter_id", String(36), primary_key=True),
    Column("topic", String(128), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("replayed_at", Moment),
    Column("replayed_by", Text),
    Index("ix_dead_letters_waiting", "topic", sqlite_where=NOT_REPLAYED, postgresql_where=NOT_REPLAYED),
)
