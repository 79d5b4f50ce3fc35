"""Old attempts of webhooks are found by their time alone: most endpoints that fell silent never ask again."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_webhook_attempts_at", "webhook_attempts", ["at"])
