"""What came back from addresses: bounces of e-mail, and failures that only count together."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Moment

revision = "0006"
down_revision = "0005"

NOT_APPLIED = sa.text("applied_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "bounces",
        sa.Column("bounce_id", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=36)),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16)),
        sa.Column("rule", sa.String(length=64)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("parked", sa.String(length=24)),
        sa.Column("at", Moment, nullable=False),
        sa.Column("applied_at", Moment),
        sa.PrimaryKeyConstraint("bounce_id", name="pk_bounces"),
    )
    op.create_index("ix_bounces_at", "bounces", ["at"])
    op.create_index(
        "ix_bounces_unapplied", "bounces", ["at"], sqlite_where=NOT_APPLIED, postgresql_where=NOT_APPLIED
    )
    op.create_table(
        "soft_failures",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "blind_index", "key", name="pk_soft_failures"),
    )
    op.create_index("ix_soft_failures_at", "soft_failures", ["at"])
