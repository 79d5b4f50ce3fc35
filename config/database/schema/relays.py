"""Table of what associations handed on to their members."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from config.database.schema.base import metadata
from config.database.types import Moment

relays = Table(
    "relays",
    metadata,
    Column("relay_id", String(36), primary_key=True),
    Column("association_id", String(64), nullable=False),
    Column("agency_id", String(64), nullable=False),
    Column("policy_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("note", Text, nullable=False),  # the association's own words, may be empty
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("association_id", "agency_id", "policy_id", "revision"),
)
