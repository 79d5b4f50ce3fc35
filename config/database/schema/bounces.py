"""Tables of what came back from addresses: bounces of e-mail, and failures that prove nothing by themselves."""

from sqlalchemy import Column, Index, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Moment

NOT_APPLIED = text("applied_at IS NULL")

# What the receiver of bounces took, without any address; kept for a month, applied to the ledger as soon as can be.
bounces = Table(
    "bounces",
    metadata,
    Column("bounce_id", String(64), primary_key=True),  # of what it says about what: the same twice is one
    Column("delivery_id", String(36)),  # null where nothing in it says which message it is about
    Column(
        "word", String(16), nullable=False
    ),  # gone | full | ambiguous | content | complained | auto_reply …
    Column("status", String(16)),  # as in RFC 3463, where the far side gave one
    Column("rule", String(64)),  # which line of the table decided
    Column("detail", Text, nullable=False),
    Column("parked", String(24)),  # why it changed nothing
    Column("at", Moment, nullable=False),
    Column("applied_at", Moment),
    Index("ix_bounces_at", "at"),
    Index("ix_bounces_unapplied", "at", sqlite_where=NOT_APPLIED, postgresql_where=NOT_APPLIED),
)

# Failures of an address that do not say that it is dead; several within a month do (`subscribers.suppression`).
soft_failures = Table(
    "soft_failures",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("blind_index", String(64), primary_key=True),
    Column("key", String(128), primary_key=True),  # which message failed: each counts once
    Column("at", Moment, nullable=False),
    Index("ix_soft_failures_at", "at"),
)
