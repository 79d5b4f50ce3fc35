"""The way of published events through the service: taken, past the gate, released, delivered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from service.cli.access import Speaker
from service.cli.client import Deadline, Service
from service.cli.deciding import GONE, await_answer, await_ready, decide, insist_on_acceptance, policy_path
from service.cli.face import Face
from service.cli.failures import CommandFailed, OutOfTime, Refused, Unreachable, WrongUse
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
ANSWER_FIELDS = ("event_id", "source", "status", "reason", "policy_id", "revision")
UNAUTHORIZED = 401
WAITS_FOR_REVIEW = "waiting"


@dataclass
class Outcome:
    """What became of one item; ``error`` is why it went no further."""

    item: Item
    answer: dict[str, Any] = field(default_factory=dict)
    funnel: dict[str, Any] | None = None
    error: str | None = None

    def printed(self) -> dict[str, Any]:
        """Return the fields that docs/faces.md promises."""
        known = {
            "event_id": self.item.event.get("id"),
            "source": self.item.event.get("source"),
            "status": "refused" if self.error else None,
            "reason": self.error,
            "policy_id": self.item.policy_id or None,
        }
        return {name: self.answer.get(name, known.get(name)) for name in ANSWER_FIELDS}


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
        for outcome in _alive(outcomes):
            with _noting(outcome):
                outcome.answer = self._service.call(
                    "POST",
                    "/api/v1/events",
                    who=self._speaker(outcome.item),
                    body=outcome.item.event,
                    media="application/cloudevents+json",
                    deadline=self._deadline,
                )
        for outcome in _alive(outcomes):
            with _noting(outcome):
                who = self._speaker(outcome.item)
                outcome.answer = await_answer(self._face, self._service, outcome.answer, who, self._deadline)
                insist_on_acceptance(self._face, outcome.answer)
        return outcomes

    def release(self, outcomes: Sequence[Outcome]) -> None:
        """Release each policy among ``outcomes`` once it carries its labels, and wait until that is accepted."""
        decided: list[tuple[Outcome, dict[str, Any]]] = []
        for outcome in _alive(outcomes):
            if outcome.item.type not in CARRY_A_POLICY:
                continue
            with _noting(outcome):
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
            with _noting(outcome):
                status = await_answer(self._face, self._service, answer, "reviewer", self._deadline)
                insist_on_acceptance(self._face, status)

    def wait(self, outcomes: Sequence[Outcome]) -> None:
        """Wait until everything that the policies among ``outcomes`` cause has been handed over.

        Of a policy that nobody has released yet standard error says so, and how it is released.

        Raises:
            OutOfTime: one was not complete in time; the funnels seen so far are on the outcomes.
        """
        for outcome in _alive(outcomes):
            with _noting(outcome):
                self._wait_for(outcome)

    def _wait_for(self, outcome: Outcome) -> None:
        policy_id = str(outcome.answer["policy_id"])
        params = {"revision": outcome.answer.get("revision")}
        funnel: dict[str, Any] = {}
        told = False
        for _ in self._face.pauses(self._deadline):
            funnel = self._service.call(
                "GET",
                policy_path(policy_id, "funnel"),
                who="publisher",
                params=params,
                deadline=self._deadline,
            )
            outcome.funnel = funnel
            if funnel.get("complete"):
                return
            if funnel.get("state") in GONE:
                raise CommandFailed(self._face.words("ended", policy=policy_id, state=funnel["state"]))
            if funnel.get("state") == WAITS_FOR_REVIEW and not told:
                timeout = self._deadline.timeout_s
                words = self._face.words("waits_for_release", policy=policy_id, timeout=timeout)
                self._face.err.print(words, style="yellow", markup=False)
                told = True
        waiting = funnel.get("waiting") or {}
        raise OutOfTime(
            self._face.words(
                "wait_late",
                policy=policy_id,
                timeout=self._deadline.timeout_s,
                state=funnel.get("state"),
                planned=waiting.get("planned"),
                claimed=waiting.get("claimed"),
            )
        )

    def _speaker(self, item: Item) -> Speaker:
        reviewers = item.type in REVIEWERS_OWN and self._service.speaks("reviewer")
        return "reviewer" if reviewers else "publisher"


def _alive(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.error is None]


@contextmanager
def _noting(outcome: Outcome) -> Iterator[None]:
    """Note on ``outcome`` what concerns it alone; let the rest through."""
    try:
        yield
    except (OutOfTime, Unreachable, WrongUse):
        raise
    except Refused as exc:
        if exc.status == UNAUTHORIZED:
            raise
        outcome.error = str(exc)
    except CommandFailed as exc:
        outcome.error = str(exc)
