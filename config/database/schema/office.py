"""Tables of the installation and of who may speak."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

installation = Table(
    "installation",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)


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
