"""What an operator has to know of."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Json, Moment

revision = "0010"
down_revision = "0009"

OPEN = sa.text("open_key IS NOT NULL")
NOT_REPLAYED = sa.text("replayed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("open_key", sa.String(length=192)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("raised_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("resolved_at", Moment),
        sa.Column("told_at", Moment),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
        sa.UniqueConstraint("open_key", name="uq_alerts_open_key"),
    )
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index("ix_alerts_open", "alerts", ["kind", "subject"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_alerts_told_at", "alerts", ["told_at"])
    op.create_index(
        "ix_dead_letters_waiting",
        "dead_letters",
        ["topic"],
        sqlite_where=NOT_REPLAYED,
        postgresql_where=NOT_REPLAYED,
    )
