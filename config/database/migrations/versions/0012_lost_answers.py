"""Texts whose answer was lost are found by the number that a report is about."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

LOST = sa.text("parts = 0")
WHOSE = sa.text("whose IS NOT NULL")


def upgrade() -> None:
    op.add_column("gateway_messages", sa.Column("expected", sa.Integer()))
    op.create_index(
        "ix_gateway_messages_lost",
        "gateway_messages",
        ["gateway", "number_key"],
        sqlite_where=LOST,
        postgresql_where=LOST,
    )
    op.add_column("parked_reports", sa.Column("whose", sa.String(length=64)))
    op.create_index(
        "ix_parked_reports_whose",
        "parked_reports",
        ["gateway", "whose"],
        sqlite_where=WHOSE,
        postgresql_where=WHOSE,
    )
