"""Tables of campaigns and deliveries, of the inbox and of previews."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

# SQLite takes a partial index only for a query that says its words as they stand: who looks for open rows adds these.
OPEN_ROWS = text("state IN ('planned','held','claimed')")
SENT_ROWS = text("state = 'sent'")
UNKNOWN_ROWS = text("state = 'unknown'")
UNAPPLIED = text("applied_at IS NULL")

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", String(36), primary_key=True),  # uuid5(agency, policy, revision, occurrence)
    Column("agency_id", String(64), nullable=False),
    Column("policy_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("occurrence", String(128), nullable=False),
    Column("state", String(12), nullable=False),  # running | stopped
    Column("reason", Text),
    Column("shards", Integer, nullable=False),
    Column("tokens", Json, nullable=False),  # what the policy means to the index, frozen at dispatch
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("agency_id", "policy_id", "revision", "occurrence"),
    Index("ix_campaigns_created_at", "created_at"),
)

campaign_shards = Table(
    "campaign_shards",
    metadata,
    Column("campaign_id", String(36), primary_key=True),
    Column("shard", Integer, primary_key=True),
    Column("dispatched_at", Moment, nullable=False),
    Column("matched", Integer),  # subscribers; null until marked
    Column("planned", Integer),  # ledger rows
    Column("done_at", Moment),
    Index(
        "ix_campaign_shards_unmarked",
        "dispatched_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("campaign_id", String(36), nullable=False),
    Column("shard", Integer, nullable=False),
    Column("subscriber_id", String(64), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("contact_id", String(64), nullable=False),
    Column("reasons", Json, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text),  # why it is held, failed, suppressed, expired
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),  # planned or held: not before
    Column("handed_at", Moment),  # when it was last put into a batch for its channel
    Column("claim", String(36)),
    Column("lease_until", Moment),
    Column("gateway_ref", String(128)),
    Column("planned_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("delivered_at", Moment),
    Column("read_at", Moment),
    Column("acknowledged_at", Moment),
    Column("ended_at", Moment),
    Column("digest_id", String(36)),  # the delivery_id of the digest that carries it
    Index("ix_deliveries_campaign_id_shard", "campaign_id", "shard"),
    Index("ix_deliveries_open", "due_at", sqlite_where=OPEN_ROWS, postgresql_where=OPEN_ROWS),
    Index("ix_deliveries_sent", "sent_at", sqlite_where=SENT_ROWS, postgresql_where=SENT_ROWS),
    Index("ix_deliveries_unknown", "sent_at", sqlite_where=UNKNOWN_ROWS, postgresql_where=UNKNOWN_ROWS),
    Index(
        "ix_deliveries_digest_id",
        "digest_id",
        sqlite_where=text("digest_id IS NOT NULL"),
        postgresql_where=text("digest_id IS NOT NULL"),
    ),
)

# What gateways report about rows; kept until it is applied, because a report may come before the row is settled.
receipts = Table(
    "receipts",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("status", String(16), primary_key=True),  # accepted | delivered | failed
    Column("detail", Text),
    Column("at", Moment, nullable=False),
    Column("applied_at", Moment),
    Index("ix_receipts_unapplied", "at", sqlite_where=UNAPPLIED, postgresql_where=UNAPPLIED),
)

inbox = Table(
    "inbox",
    metadata,
    Column("message_id", String(36), primary_key=True),  # the delivery_id
    Column("subscriber_id", String(64), nullable=False),
    Column("agency_id", String(64), nullable=False),
    Column("policy_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("occurrence", String(128), nullable=False),
    Column("title", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("acknowledged_at", Moment),
    Index("ix_inbox_subscriber_id_at", "subscriber_id", "at"),
)


previews = Table(
    "previews",
    metadata,
    Column("preview_id", String(36), primary_key=True),
    Column("shard", Integer, primary_key=True),
    Column("tokens", Json, nullable=False),
    Column("result", Json),  # counts and samples; null until the shard has answered
    Column("at", Moment, nullable=False),
)
