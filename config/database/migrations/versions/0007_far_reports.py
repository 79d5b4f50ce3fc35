"""What gateways call messages by ids of their own, and what they say about them."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Moment

revision = "0007"
down_revision = "0006"

WAITING = sa.text("(status IS NULL OR status = 'accepted')")


def upgrade() -> None:
    op.create_table(
        "gateway_messages",
        sa.Column("gateway", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12)),
        sa.Column("failure", sa.String(length=16)),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("ask_at", Moment, nullable=False),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "message_id", "number_key", name="pk_gateway_messages"),
    )
    op.create_index("ix_gateway_messages_delivery_id", "gateway_messages", ["delivery_id"])
    op.create_index("ix_gateway_messages_sent_at", "gateway_messages", ["sent_at"])
    op.create_index(
        "ix_gateway_messages_waiting",
        "gateway_messages",
        ["gateway", "ask_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "parked_reports",
        sa.Column("gateway", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("failure", sa.String(length=16)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "message_id", "number_key", "status", name="pk_parked_reports"),
    )
    op.create_index("ix_parked_reports_at", "parked_reports", ["at"])
