"""Facts that are read in a policy's text."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Json

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "policy_facts",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", Json),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency_id", "policy_id", "revision", "name", "number", name="pk_policy_facts"
        ),
    )
