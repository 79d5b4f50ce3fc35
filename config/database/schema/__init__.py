"""The record's tables: agencies, policies, subscribers, deliveries and what happened to them.

Names follow the glossary. Every table that an agent writes has a unique key that makes a second write harmless.
"""

from config.database.schema.alerts import alerts
from config.database.schema.base import metadata
from config.database.schema.bounces import bounces, soft_failures
from config.database.schema.far_reports import gateway_messages, parked_reports
from config.database.schema.followups import RELEASED_ITEMS, agency_tasks, due_items, explanations
from config.database.schema.inputs import dead_letters, events
from config.database.schema.ledger import (
    OPEN_ROWS,
    SENT_ROWS,
    UNKNOWN_ROWS,
    campaign_shards,
    campaigns,
    deliveries,
    inbox,
    previews,
    receipts,
)
from config.database.schema.notices import notices
from config.database.schema.office import agencies, api_keys, audit, installation
from config.database.schema.people import (
    associations,
    contacts,
    memberships,
    optouts,
    subscribers,
    subscriptions,
    suppressions,
)
from config.database.schema.policies import (
    PUBLIC_REVISIONS,
    labels_taken_away,
    policies,
    policy_facts,
    policy_labels,
    policy_revisions,
)
from config.database.schema.relays import relays
from config.database.schema.webhooks import webhook_attempts, webhook_endpoints

__all__ = [
    "OPEN_ROWS",
    "PUBLIC_REVISIONS",
    "RELEASED_ITEMS",
    "SENT_ROWS",
    "UNKNOWN_ROWS",
    "agencies",
    "agency_tasks",
    "alerts",
    "api_keys",
    "associations",
    "audit",
    "bounces",
    "campaign_shards",
    "campaigns",
    "contacts",
    "dead_letters",
    "deliveries",
    "due_items",
    "events",
    "explanations",
    "gateway_messages",
    "inbox",
    "installation",
    "labels_taken_away",
    "memberships",
    "metadata",
    "notices",
    "optouts",
    "parked_reports",
    "policies",
    "policy_facts",
    "policy_labels",
    "policy_revisions",
    "previews",
    "receipts",
    "relays",
    "soft_failures",
    "subscribers",
    "subscriptions",
    "suppressions",
    "webhook_attempts",
    "webhook_endpoints",
]
