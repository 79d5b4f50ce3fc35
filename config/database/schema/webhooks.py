"""Tables of webhooks: what is known of each endpoint, and what it answered lately. Their times are real ones."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Moment

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("endpoint_id", String(32), primary_key=True),  # of a subscriber and a URL, which it does not show
    Column("subscriber_id", String(64), nullable=False, index=True),
    Column("generation", Integer, nullable=False, server_default=text("1")),  # of its secret
    Column("previous_until", Moment),  # how long the secret before signs, too
    Column("verified_at", Moment),  # when it first answered a test event; null: nothing is pushed there yet
    Column("created_at", Moment, nullable=False),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("attempt_id", String(36), primary_key=True),
    Column("endpoint_id", String(32), nullable=False),
    Column("subscriber_id", String(64), nullable=False, index=True),
    Column("webhook_id", String(64), nullable=False),  # the delivery_id, or that of a test event
    Column("at", Moment, nullable=False),
    Column("status", Integer),  # of HTTP; null: no answer came
    Column("answer", Text, nullable=False),  # the beginning of what it said, or why none came
    Column("took_ms", Integer, nullable=False),
    Index("ix_webhook_attempts_endpoint_id_at", "endpoint_id", "at"),
    Index("ix_webhook_attempts_at", "at"),  # what is old is forgotten along it
)
