"""The index that shards are read by also says how new each subscriber is: a snapshot is compared by it alone."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("ix_subscribers_shard_subscriber_id", table_name="subscribers")
    op.create_index(
        "ix_subscribers_stamps",
        "subscribers",
        ["shard", "subscriber_id", "status", "version", "updated_at"],
    )
