"""Tables of subscribers, their contacts and wishes, and of associations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    column,
    false,
    text,
)

from config.database.schema.base import metadata
from config.database.types import Json, Moment

PENDING_ROWS = text("status = 'pending'")
# What waits to be confirmed; by expressions, because each database writes a condition on a truth value its own way.
CODE_WAITS = and_(column("credit_code").is_not(None), column("credit_code_confirmed", Boolean).is_(False))
MEMBER_WAITS = column("confirmed", Boolean).is_(False)

subscribers = Table(
    "subscribers",
    metadata,
    Column("subscriber_id", String(64), primary_key=True),
    Column("shard", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("credit_code", String(18)),
    # Staff entered or confirmed it: what a subscriber typed in itself names nobody in a targeted policy.
    Column("credit_code_confirmed", Boolean, nullable=False, server_default=false()),
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
    # By shard in order of the ids; the rest tells how new a shard's subscribers are without looking at their rows.
    Index("ix_subscribers_stamps", "shard", "subscriber_id", "status", "version", "updated_at"),
    Index("ix_subscribers_credit_code", "credit_code"),
    Index(
        "ix_subscribers_unannounced",
        "updated_at",
        sqlite_where=text("announced_version < version"),
        postgresql_where=text("announced_version < version"),
    ),
    Index("ix_subscribers_pending", "created_at", sqlite_where=PENDING_ROWS, postgresql_where=PENDING_ROWS),
    Index(
        "ix_subscribers_unconfirmed", "subscriber_id", sqlite_where=CODE_WAITS, postgresql_where=CODE_WAITS
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
    Column("said", Text),  # the far side's own words, without addresses; null where it said none
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
    Column(
        "confirmed", Boolean, nullable=False, server_default=false()
    ),  # by staff or the association itself
    Index("ix_memberships_subscriber_id", "subscriber_id"),
    Index(
        "ix_memberships_unconfirmed",
        "association_id",
        "subscriber_id",
        sqlite_where=MEMBER_WAITS,
        postgresql_where=MEMBER_WAITS,
    ),
)
