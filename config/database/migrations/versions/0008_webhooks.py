"""Endpoints of webhooks and what they answered lately."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.String(32), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("previous_until", Moment),
        sa.Column("verified_at", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_webhook_endpoints"),
    )
    op.create_index("ix_webhook_endpoints_subscriber_id", "webhook_endpoints", ["subscriber_id"])
    op.create_table(
        "webhook_attempts",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("endpoint_id", sa.String(32), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("webhook_id", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_webhook_attempts"),
    )
    op.create_index("ix_webhook_attempts_subscriber_id", "webhook_attempts", ["subscriber_id"])
    op.create_index("ix_webhook_attempts_endpoint_id_at", "webhook_attempts", ["endpoint_id", "at"])
