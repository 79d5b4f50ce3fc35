"""The way of published events through the service until their policies are released."""

from collections.abc import Sequence
from typing import Any

from service.cli.access import Speaker
from service.cli.client import Deadline, Service
from service.cli.deciding import await_answer, await_ready, decide, insist_on_acceptance
from service.cli.face import Face
from service.cli.outcomes import Outcome, alive, noting
from service.cli.reading import Item
from streams.events import EventType

CARRY_A_POLICY = (EventType.PUBLISHED, EventType.AMENDED)
REVIEWERS_OWN = (
    EventType.RELEASED,
    EventType.REFUSED,
    EventType.LABELS_EDITED,
    EventType.INTERPRETATION_RELEASED,
    EventType.INTERPRETATION_REFUSED,
    EventType.FAQ_RELEASED,
    EventType.FAQ_REFUSED,
)


class Publisher:
    """Takes a run of items through the steps; each step is done for all of them before the next one begins.

    What is wrong with one item is noted on its outcome. What is wrong with all (no service, no key, no time) is raised.
    """

    def __init__(self, face: Face, service: Service, deadline: Deadline) -> None:
        self._face = face
        self._service = service
        self._deadline = deadline

    def publish(self, items: Sequence[Item]) -> list[Outcome]:
        """Send the items and wait until the gate has answered about each of them."""
        outcomes = [Outcome(item, error=item.problem) for item in items]
        for outcome in alive(outcomes):
            with noting(outcome):
                outcome.answer = self._service.call(
                    "POST",
                    "/api/v1/events",
                    who=self._speaker(outcome.item),
                    body=outcome.item.event,
                    media="application/cloudevents+json",
                    deadline=self._deadline,
                )
        for outcome in alive(outcomes):
            with noting(outcome):
                who = self._speaker(outcome.item)
                outcome.answer = await_answer(self._face, self._service, outcome.answer, who, self._deadline)
                insist_on_acceptance(self._face, outcome.answer)
        return outcomes

    def release(self, outcomes: Sequence[Outcome]) -> None:
        """Release each policy among ``outcomes`` once it carries its labels, and wait until that is accepted."""
        decided: list[tuple[Outcome, dict[str, Any]]] = []
        for outcome in alive(outcomes):
            if outcome.item.type not in CARRY_A_POLICY:
                continue
            with noting(outcome):
                policy_id, revision = outcome.answer["policy_id"], outcome.answer.get("revision")
                policy = await_ready(self._face, self._service, policy_id, revision, self._deadline)
                if policy["state"] != "released":
                    answer = decide(
                        self._service,
                        policy_id,
                        "release",
                        revision=revision,
                        reason=None,
                        deadline=self._deadline,
                    )
                    decided.append((outcome, answer))
        for outcome, answer in decided:
            with noting(outcome):
                status = await_answer(self._face, self._service, answer, "reviewer", self._deadline)
                insist_on_acceptance(self._face, status)

    def _speaker(self, item: Item) -> Speaker:
        reviewers = item.type in REVIEWERS_OWN and self._service.speaks("reviewer")
        return "reviewer" if reviewers else "publisher"
