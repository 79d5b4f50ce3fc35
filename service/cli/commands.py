"""The commands of ``zhengda`` by name: where each stands, and its line in the overview."""

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """Where a command stands, ``module:attribute`` of `service.cli`, and what it does in at most 60 characters.

    The attribute is a function, or a Typer with commands of its own. The line stands here, not only where the command
    does, so that the overview loads none of them.
    """

    where: str
    line: str


COMMANDS: Mapping[str, Command] = {
    "up": Command("up:up", "Run the service until it is stopped."),
    "publish": Command("publish:publish", "Publish a policy, or JSONL of many."),
    "interpret": Command("explain:interpret", "Publish an interpretation of a policy."),
    "faq": Command("explain:faq", "Publish frequent questions on a policy."),
    "release": Command("decide:release", "Release a policy for delivery, as its reviewer."),
    "refuse": Command("decide:refuse", "Refuse a policy, interpretation or FAQ, as its reviewer."),
    "explanations": Command("explain:explanations", "List interpretations and FAQs, newest first."),
    "show": Command("explain:show", "Show how a policy stands: state, labels, facts, conditions."),
    "figures": Command("explain:figures", "Show how many policies are interpreted that must be."),
    "preview": Command("preview:preview", "Count the audience of a policy before its release."),
    "label": Command("label:label", "Label a text; each label with the sentence that proves it."),
    "ledger": Command("ledger:ledger", "List deliveries, a row each."),
    "funnel": Command("ledger:funnel", "Show how far a policy has come."),
    "plan": Command("plan:plan", "Show what follows a policy: reminders, its start, its end."),
    "tasks": Command("plan:tasks", "List what an agency is asked to do and has not done yet."),
    "relay": Command("relay:relay", "Hand a released policy on to an association's members."),
    "render": Command("render:render", "Show what a message would look like; send nothing."),
    "outbox": Command("outbox:outbox", "List the sandbox's messages, newest first."),
    "alerts": Command("alerts:alerts", "List what an operator has to know of."),
    "bounces": Command("suppressions:bounces", "List what mail servers sent back in the last 30 days."),
    "backup": Command("backup:backup", "Have the running service write a backup."),
    "restore": Command("backup:restore", "Restore a backup while the service is stopped."),
    "gateway": Command("gateway:gateway", "Print what SMS gateways must be set to; it holds secrets."),
    "dkim": Command("dkim:dkim", "Make a key that signs mails, and print its DNS record."),
    "doctor": Command("doctor:doctor", "Check settings and all that the service needs."),
    "subscribers": Command("subscribers:group", "Bring in, export and erase subscribers."),
    "subscriptions": Command("trying:group", "Try out subscriptions."),
    "agencies": Command("agencies:group", "Add and list agencies."),
    "keys": Command("keys:group", "Make, list and revoke API keys; rewrap contacts' keys."),
    "webhooks": Command("webhooks:group", "Endpoints of subscribers: see, test, enable, replay."),
    "deadletters": Command("deadletters:group", "See and replay what was put aside as wrong."),
    "suppressions": Command("suppressions:group", "See, add to and lift what nothing goes to."),
    "campaign": Command("campaign:group", "Hold the deliveries of a policy and go on with them."),
}
