"""Tables of what follows a policy: due items, explanations (解读, 问答), and what an agency is asked to do."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from config.database.schema.base import metadata
from config.database.types import Json, Moment

DUE = text("state = 'planned'")
_RELEASED = "{0}state = 'released'"
RELEASED_ITEMS = text(_RELEASED.format("explanations."))
_RELEASED_HERE = text(_RELEASED.format(""))

# A policy's plan. The id is made of policy and occurrence, so that planning twice is planning once.
due_items = Table(
    "due_items",
    metadata,
    Column("due_id", String(36), primary_key=True),  # uuid5(agency, policy, occurrence)
    Column("agency_id", String(64), nullable=False),
    Column("policy_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),  # that planned it last
    Column("kind", String(32), nullable=False),
    Column("occurrence", String(128), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("not_after", Moment),  # from then on it makes no sense any more
    Column("provisional", Boolean, nullable=False),  # counted with working days of a year not announced yet
    Column("state", String(12), nullable=False),  # planned | done | dropped | cancelled
    Column("reason", Text),
    Column("planned_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("ix_due_items_agency_id_policy_id", "agency_id", "policy_id"),
    Index("ix_due_items_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
)

# An interpretation or a FAQ of its own event; one may come before its policy.
explanations = Table(
    "explanations",
    metadata,
    Column("agency_id", String(64), primary_key=True),
    Column("policy_id", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),  # interpretation | faq
    Column("item_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),  # of the item, from 1
    Column("state", String(16), nullable=False),  # waiting | released | refused | superseded
    Column("title", Text, nullable=False),
    Column("data", Json, nullable=False),  # as published, the title and the body of the reader included
    Column("publisher", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("reason", Text),
    Index(
        "ix_explanations_released",
        "decided_at",
        "agency_id",
        "policy_id",
        "kind",
        "item_id",
        "revision",
        "state",
        sqlite_where=_RELEASED_HERE,
        postgresql_where=_RELEASED_HERE,
    ),
)

agency_tasks = Table(
    "agency_tasks",
    metadata,
    Column("task_id", String(36), primary_key=True),  # uuid5(agency, policy, kind)
    Column("agency_id", String(64), nullable=False),
    Column("policy_id", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("ix_agency_tasks_agency_id_at", "agency_id", "at"),
)
