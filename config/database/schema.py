"""The record's tables: agencies, policies, subscribers, deliveries and what happened to them.

Names follow the glossary. Every table that an agent writes has a unique key that makes a second write harmless.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from config.database.types import Json, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# -- the installation ------------------------------------------------------------------------------------------------

installation = Table(
    "installation",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# -- who may speak ---------------------------------------------------------------------------------------------------

agencies = Table(
    "agencies",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", String(6)),
    Column("created_at", Moment, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("holder", Text, nullable=False),
    Column("agency_id", String(64)),
    Column("association_id", String(64)),
    Column("subscriber_id", String(64)),
    Column("hmac_secret", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", String(36), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("details", Json, nullable=False),
)

# -- what came in ----------------------------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("source", String(256), primary_key=True),
    Column("event_id", String(128), primary_key=True),
    Column("type", String(64), nullable=False),
    Column("topic", String(128), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),  # received | accepted | refused | dead
    Column("reason", Text),
    Column("policy_id", String(128)),
    Column("revision", Integer),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Index("ix_events_event_id", "event_id"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("dead_letter_id", String(36), primary_key=True),
    Column("topic", String(128), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("replayed_at", Moment),
    Column("replayed_by", Text),
)

# -- policies --------------------------------------------------------------------------------------------------------

policies = Table(
    "policies",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),  # the newest
    Column("repealed_at", Moment),
    Column("created_at", Moment, nullable=False),
)

policy_revisions = Table(
    "policy_revisions",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column(
        "state", String(16), nullable=False
    ),  # received | waiting | released | refused | superseded | repealed
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("disclosure", String(16), nullable=False),
    Column("targeted", Boolean, nullable=False),
    Column("data", Json, nullable=False),  # policy data as published, without the body
    Column("body", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("source", String(256), nullable=False),
    Column("event_id", String(128), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("labelled_at", Moment),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("reason", Text),
)

policy_labels = Table(
    "policy_labels",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("dimension", String(24), primary_key=True),
    Column("code", String(24), primary_key=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("origin", String(12), nullable=False),  # rule | publisher | reviewer
)

# -- subscribers -----------------------------------------------------------------------------------------------------

subscribers = Table(
    "subscribers",
    metadata,
    Column("subscriber_id", String(64), primary_key=True),
    Column("shard", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("credit_code", String(18)),
    Column("kind", String(24), nullable=False),  # a code of the dimension subject
    Column("status", String(12), nullable=False),  # pending | active | left
    Column("profile", Json, nullable=False),
    Column("preferences", Json, nullable=False),
    Column("profile_matching", Boolean, nullable=False),
    Column("wrapped_key", LargeBinary),  # null once erased
    Column("version", BigInteger, nullable=False),
    Column("announced_version", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_subscribers_shard_subscriber_id", "shard", "subscriber_id"),
    Index("ix_subscribers_credit_code", "credit_code"),
    Index(
        "ix_subscribers_unannounced",
        "updated_at",
        sqlite_where=text("announced_version < version"),
        postgresql_where=text("announced_version < version"),
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", String(36), primary_key=True),
    Column("subscriber_id", String(64), ForeignKey("subscribers.subscriber_id"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("address", LargeBinary, nullable=False),  # encrypted with the subscriber's key
    Column("blind_index", String(64), nullable=False, index=True),
    Column("consent_basis", Text),  # null: no consent, nothing is pushed there
    Column("consent_at", Moment),
    Column("consent_evidence", Text),
    Column("withdrawn_at", Moment),
    UniqueConstraint("subscriber_id", "channel", "blind_index"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscription_id", String(36), primary_key=True),
    Column("subscriber_id", String(64), ForeignKey("subscribers.subscriber_id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("criteria", Json, nullable=False),
    Column("channels", Json, nullable=False),
    Column("ended_at", Moment),
    Column("created_at", Moment, nullable=False),
)

optouts = Table(
    "optouts",
    metadata,
    Column("subscriber_id", String(64), primary_key=True),
    Column("channel", String(16), primary_key=True),  # '*': every channel
    Column("at", Moment, nullable=False),
    Column("via", String(32), nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("blind_index", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

associations = Table(
    "associations",
    metadata,
    Column("association_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("association_id", String(64), primary_key=True),
    Column("subscriber_id", String(64), primary_key=True),
    Column("consent_at", Moment, nullable=False),
    Column("consent_evidence", Text, nullable=False),
    Index("ix_memberships_subscriber_id", "subscriber_id"),
)

# -- campaigns and the ledger ----------------------------------------------------------------------------------------

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
    Index("ix_deliveries_campaign_id_shard", "campaign_id", "shard"),
    Index(
        "ix_deliveries_open",
        "due_at",
        sqlite_where=text("state IN ('planned','held','claimed')"),
        postgresql_where=text("state IN ('planned','held','claimed')"),
    ),
    Index(
        "ix_deliveries_sent",
        "sent_at",
        sqlite_where=text("state = 'sent'"),
        postgresql_where=text("state = 'sent'"),
    ),
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

# -- previews --------------------------------------------------------------------------------------------------------

previews = Table(
    "previews",
    metadata,
    Column("preview_id", String(36), primary_key=True),
    Column("shard", Integer, primary_key=True),
    Column("tokens", Json, nullable=False),
    Column("result", Json),  # counts and samples; null until the shard has answered
    Column("at", Moment, nullable=False),
)
