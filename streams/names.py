"""The log's topics by name, with how many partitions they have and how long they keep."""

from dataclasses import dataclass
from datetime import timedelta

from config.channels import NAMES

POLICY_EVENTS = "policy.events"
POLICIES_ACCEPTED = "policies.accepted"
POLICIES_RELEASED = "policies.released"
MATCH_TASKS = "match.tasks"
PREVIEW_TASKS = "preview.tasks"
SUBSCRIPTION_CHANGES = "subscription.changes"
DELIVERIES = {channel: f"deliveries.{channel}" for channel in NAMES}
URGENT = {channel: f"deliveries.{channel}.urgent" for channel in NAMES}  # see `streams.fanout.lanes`

TASKS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class TopicSpec:
    """One topic; every topic has as many partitions as there are shards.

    Attributes:
        name: Of the topic.
        kept: How long its events stay; None for ever.
        compacted: Whether of one key only the newest event stays.
    """

    name: str
    kept: timedelta | None = None
    compacted: bool = False


TOPICS = (
    TopicSpec(POLICY_EVENTS),
    TopicSpec(POLICIES_ACCEPTED, kept=TASKS_KEPT),
    TopicSpec(POLICIES_RELEASED, kept=TASKS_KEPT),
    TopicSpec(MATCH_TASKS, kept=TASKS_KEPT),
    TopicSpec(PREVIEW_TASKS, kept=timedelta(days=1)),
    TopicSpec(SUBSCRIPTION_CHANGES, kept=TASKS_KEPT, compacted=True),
    *(TopicSpec(name, kept=TASKS_KEPT) for name in (*DELIVERIES.values(), *URGENT.values())),
)
