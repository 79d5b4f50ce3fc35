"""Follow-ups, explanations, relays, notices and receipts."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Json, Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "agency_tasks",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("settled_at", Moment()),
        sa.PrimaryKeyConstraint("task_id", name="pk_agency_tasks"),
    )
    op.create_index("ix_agency_tasks_agency_id_at", "agency_tasks", ["agency_id", "at"])
    op.create_table(
        "due_items",
        sa.Column("due_id", sa.String(length=36), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("occurrence", sa.String(length=128), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("not_after", Moment()),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.Column("settled_at", Moment()),
        sa.PrimaryKeyConstraint("due_id", name="pk_due_items"),
    )
    op.create_index("ix_due_items_agency_id_policy_id", "due_items", ["agency_id", "policy_id"])
    op.create_index(
        "ix_due_items_due",
        "due_items",
        ["due_at"],
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "explanations",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint(
            "agency_id", "policy_id", "kind", "item_id", "revision", name="pk_explanations"
        ),
    )
    op.create_table(
        "receipts",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("applied_at", Moment()),
        sa.PrimaryKeyConstraint("delivery_id", "status", name="pk_receipts"),
    )
    op.create_index(
        "ix_receipts_unapplied",
        "receipts",
        ["at"],
        sqlite_where=sa.text("applied_at IS NULL"),
        postgresql_where=sa.text("applied_at IS NULL"),
    )
    op.create_table(
        "relays",
        sa.Column("relay_id", sa.String(length=36), nullable=False),
        sa.Column("association_id", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("relay_id", name="pk_relays"),
        sa.UniqueConstraint(
            "association_id",
            "agency_id",
            "policy_id",
            "revision",
            name="uq_relays_association_id_agency_id_policy_id_revision",
        ),
    )
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("code_hash", sa.String(length=64)),
        sa.Column("guesses_left", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("claim", sa.String(length=36)),
        sa.Column("lease_until", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("used_at", Moment()),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.subscriber_id"], name="fk_notices_subscriber_id_subscribers"
        ),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
    )
    op.create_index(
        "ix_notices_open",
        "notices",
        ["due_at"],
        sqlite_where=sa.text("state IN ('planned','claimed')"),
        postgresql_where=sa.text("state IN ('planned','claimed')"),
    )
    op.create_index(
        "ix_notices_one_open",
        "notices",
        ["contact_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned','claimed')"),
        postgresql_where=sa.text("state IN ('planned','claimed')"),
    )
    op.create_index("ix_notices_contact_id", "notices", ["contact_id"])
    op.create_index("ix_notices_subscriber_id", "notices", ["subscriber_id"])
    op.create_index(
        "ix_notices_passing",
        "notices",
        ["created_at"],
        sqlite_where=sa.text("(kind = 'sign_in' OR state <> 'used')"),
        postgresql_where=sa.text("(kind = 'sign_in' OR state <> 'used')"),
    )
    op.create_index(
        "ix_subscribers_pending",
        "subscribers",
        ["created_at"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_campaigns_created_at", "campaigns", ["created_at"])
    op.add_column("deliveries", sa.Column("digest_id", sa.String(length=36)))
    op.create_index(
        "ix_deliveries_digest_id",
        "deliveries",
        ["digest_id"],
        sqlite_where=sa.text("digest_id IS NOT NULL"),
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
