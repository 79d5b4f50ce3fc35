"""The table of alerts."""

from sqlalchemy import Column, Index, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

OPEN = text("open_key IS NOT NULL")

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String(36), primary_key=True),
    Column("kind", String(24), nullable=False),  # late | halted | digest | far_side | account | dead_letters
    Column(
        "subject", String(160), nullable=False
    ),  # what of that kind: a campaign and channel, a far side, a topic
    Column(
        "open_key", String(192), unique=True
    ),  # kind and subject while it is open: one cause is one open alert
    Column("detail", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),  # when its detail was last found
    Column("resolved_at", Moment),
    Column("told_at", Moment),  # when the operator was last written to about it
    Index("ix_alerts_raised_at", "raised_at"),
    Index("ix_alerts_open", "kind", "subject", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_alerts_told_at", "told_at"),
)
