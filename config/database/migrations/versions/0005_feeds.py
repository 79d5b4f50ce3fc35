"""Indexes for feeds: what is public, what was repealed and what was explained, each by its moment."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PUBLIC = sa.text("state = 'released' AND disclosure = 'open' AND NOT targeted")
REPEALED = sa.text("repealed_at IS NOT NULL")
RELEASED = sa.text("state = 'released'")


def upgrade() -> None:
    op.create_index(
        "ix_policy_revisions_public",
        "policy_revisions",
        ["decided_at", "agency_id", "policy_id", "revision", "state", "disclosure", "targeted"],
        sqlite_where=PUBLIC,
        postgresql_where=PUBLIC,
    )
    op.create_index(
        "ix_policies_repealed_at",
        "policies",
        ["repealed_at", "agency_id", "policy_id"],
        sqlite_where=REPEALED,
        postgresql_where=REPEALED,
    )
    op.create_index(
        "ix_explanations_released",
        "explanations",
        ["decided_at", "agency_id", "policy_id", "kind", "item_id", "revision", "state"],
        sqlite_where=RELEASED,
        postgresql_where=RELEASED,
    )
