"""Policies and their revisions: read from the record, changed by events, and what the service reads in their texts."""

from streams.policies.record import (
    PolicyView,
    facts_of,
    find_policy,
    list_policies,
    owned_elsewhere,
    released_before,
    revision_at,
    standing,
    states_of,
)

__all__ = [
    "PolicyView",
    "facts_of",
    "find_policy",
    "list_policies",
    "owned_elsewhere",
    "released_before",
    "revision_at",
    "standing",
    "states_of",
]
