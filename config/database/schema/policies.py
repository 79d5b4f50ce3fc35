"""Tables of policies, their revisions, labels and facts."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

# What anybody may see. As with OPEN_ROWS, who wants the partial index says its words as they stand, after the table's
# name, which an index itself may not say.
_PUBLIC = "{0}state = 'released' AND {0}disclosure = 'open' AND NOT {0}targeted"
PUBLIC_REVISIONS = text(_PUBLIC.format("policy_revisions."))
_PUBLIC_HERE = text(_PUBLIC.format(""))
_REPEALED = text("repealed_at IS NOT NULL")

policies = Table(
    "policies",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),  # the newest
    Column("repealed_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index(
        "ix_policies_repealed_at",
        "repealed_at",
        "agency_id",
        "policy_id",
        sqlite_where=_REPEALED,
        postgresql_where=_REPEALED,
    ),
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
    # All that the feeds sort and join by: a text may have 400,000 characters, and a row behind it is far away.
    Index(
        "ix_policy_revisions_public",
        "decided_at",
        "agency_id",
        "policy_id",
        "revision",
        "state",
        "disclosure",
        "targeted",  # constant there, but SQLite would look for them in the row
        sqlite_where=_PUBLIC_HERE,
        postgresql_where=_PUBLIC_HERE,
    ),
)


def _labels(name: str) -> Table:
    return Table(
        name,
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


policy_labels = _labels("policy_labels")
# What a reviewer took away, as it had been given. It is in a table of its own: whoever asks for labels gets none of it.
labels_taken_away = _labels("labels_taken_away")

policy_facts = Table(
    "policy_facts",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("name", String(24), primary_key=True),
    Column("number", Integer, primary_key=True),  # among several of one name
    Column("value", Json),  # none: a reviewer said that there is none
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("origin", String(12), nullable=False),  # rule | publisher | reviewer
)
