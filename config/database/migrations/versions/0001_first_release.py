"""First release."""

import sqlalchemy as sa
from alembic import op

from config.database.types import Json, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=6)),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name="pk_agencies"),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.String(length=64)),
        sa.Column("association_id", sa.String(length=64)),
        sa.Column("subscriber_id", sa.String(length=64)),
        sa.Column("hmac_secret", sa.LargeBinary()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )
    op.create_table(
        "associations",
        sa.Column("association_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("association_id", name="pk_associations"),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.String(length=36), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_table(
        "campaign_shards",
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("dispatched_at", Moment(), nullable=False),
        sa.Column("matched", sa.Integer()),
        sa.Column("planned", sa.Integer()),
        sa.Column("done_at", Moment()),
        sa.PrimaryKeyConstraint("campaign_id", "shard", name="pk_campaign_shards"),
    )
    op.create_index(
        "ix_campaign_shards_unmarked",
        "campaign_shards",
        ["dispatched_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("tokens", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaigns"),
        sa.UniqueConstraint(
            "agency_id",
            "policy_id",
            "revision",
            "occurrence",
            name="uq_campaigns_agency_id_policy_id_revision_occurrence",
        ),
    )
    op.create_table(
        "dead_letters",
        sa.Column("dead_letter_id", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary()),
        sa.Column("value", sa.LargeBinary()),
        sa.Column("headers", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("replayed_at", Moment()),
        sa.Column("replayed_by", sa.Text()),
        sa.PrimaryKeyConstraint("dead_letter_id", name="pk_dead_letters"),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("handed_at", Moment()),
        sa.Column("claim", sa.String(length=36)),
        sa.Column("lease_until", Moment()),
        sa.Column("gateway_ref", sa.String(length=128)),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("delivered_at", Moment()),
        sa.Column("read_at", Moment()),
        sa.Column("acknowledged_at", Moment()),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_campaign_id_shard", "deliveries", ["campaign_id", "shard"])
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["due_at"],
        sqlite_where=sa.text("state IN ('planned','held','claimed')"),
        postgresql_where=sa.text("state IN ('planned','held','claimed')"),
    )
    op.create_index(
        "ix_deliveries_sent",
        "deliveries",
        ["sent_at"],
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_index("ix_deliveries_subscriber_id", "deliveries", ["subscriber_id"])
    op.create_index(
        "ix_deliveries_unknown",
        "deliveries",
        ["sent_at"],
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_table(
        "events",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=256), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("policy_id", sa.String(length=128)),
        sa.Column("revision", sa.Integer()),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("handled_at", Moment()),
        sa.PrimaryKeyConstraint("agency_id", "source", "event_id", name="pk_events"),
    )
    op.create_index("ix_events_event_id", "events", ["event_id"])
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read_at", Moment()),
        sa.Column("acknowledged_at", Moment()),
        sa.PrimaryKeyConstraint("message_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_subscriber_id_at", "inbox", ["subscriber_id", "at"])
    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_installation"),
    )
    op.create_table(
        "memberships",
        sa.Column("association_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("consent_at", Moment(), nullable=False),
        sa.Column("consent_evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("association_id", "subscriber_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_subscriber_id", "memberships", ["subscriber_id"])
    op.create_table(
        "optouts",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "channel", name="pk_optouts"),
    )
    op.create_table(
        "policies",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("repealed_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "policy_id", name="pk_policies"),
    )
    op.create_table(
        "policy_labels",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency_id", "policy_id", "revision", "dimension", "code", name="pk_policy_labels"
        ),
    )
    op.create_table(
        "policy_revisions",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.String(length=16), nullable=False),
        sa.Column("targeted", sa.Boolean(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=256), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("labelled_at", Moment()),
        sa.Column("decided_at", Moment()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("agency_id", "policy_id", "revision", name="pk_policy_revisions"),
    )
    op.create_table(
        "previews",
        sa.Column("preview_id", sa.String(length=36), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("tokens", Json, nullable=False),
        sa.Column("result", Json),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("preview_id", "shard", name="pk_previews"),
    )
    op.create_table(
        "subscribers",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.String(length=18)),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("profile", Json, nullable=False),
        sa.Column("preferences", Json, nullable=False),
        sa.Column("profile_matching", sa.Boolean(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("announced_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_subscribers"),
    )
    op.create_index("ix_subscribers_credit_code", "subscribers", ["credit_code"])
    op.create_index("ix_subscribers_shard_subscriber_id", "subscribers", ["shard", "subscriber_id"])
    op.create_index(
        "ix_subscribers_unannounced",
        "subscribers",
        ["updated_at"],
        sqlite_where=sa.text("announced_version < version"),
        postgresql_where=sa.text("announced_version < version"),
    )
    op.create_table(
        "suppressions",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "blind_index", name="pk_suppressions"),
    )
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("consent_basis", sa.Text()),
        sa.Column("consent_at", Moment()),
        sa.Column("consent_evidence", sa.Text()),
        sa.Column("withdrawn_at", Moment()),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.subscriber_id"], name="fk_contacts_subscriber_id_subscribers"
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_contacts"),
        sa.UniqueConstraint(
            "subscriber_id", "channel", "blind_index", name="uq_contacts_subscriber_id_channel_blind_index"
        ),
    )
    op.create_index("ix_contacts_blind_index", "contacts", ["blind_index"])
    op.create_index("ix_contacts_subscriber_id", "contacts", ["subscriber_id"])
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.String(length=36), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("criteria", Json, nullable=False),
        sa.Column("channels", Json, nullable=False),
        sa.Column("ended_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.subscriber_id"],
            name="fk_subscriptions_subscriber_id_subscribers",
        ),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_subscriber_id", "subscriptions", ["subscriber_id"])
