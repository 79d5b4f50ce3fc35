"""Waiting until everything that published policies cause has been handed over."""

from collections.abc import Callable, Sequence
from typing import Any

from service.cli.client import Deadline, Service
from service.cli.deciding import GONE, READY, policy_path
from service.cli.face import Face
from service.cli.failures import CommandFailed, OutOfTime
from service.cli.outcomes import Outcome, alive, noting
from service.cli.publishing import CARRY_A_POLICY

WAITS_FOR_REVIEW = "waiting"
NAMED = 5  # policies by name in one sentence

Funnel = dict[str, Any]


def await_completion(face: Face, service: Service, outcomes: Sequence[Outcome], deadline: Deadline) -> None:
    """Wait until every policy among ``outcomes`` is complete, and note its funnel there.

    Of those that nobody has released yet standard error says so before the waiting, and how they are released.

    Raises:
        OutOfTime: one was not complete by ``deadline``; the funnels seen so far are on the outcomes.
    """
    _follow(face, service, outcomes, lambda funnel: funnel.get("state") in READY, deadline)
    _say_who_waits(face, alive(outcomes), deadline)
    _follow(face, service, outcomes, lambda _: False, deadline)


def _follow(
    face: Face,
    service: Service,
    outcomes: Sequence[Outcome],
    enough: Callable[[Funnel], bool],
    deadline: Deadline,
) -> None:
    """Ask for the funnels of all policies in turn until each is complete or ``enough``; those refused are noted."""
    left = [outcome for outcome in alive(outcomes) if not _complete(outcome)]
    for _ in face.pauses(deadline):
        for outcome in left:
            with noting(outcome):
                _ask(face, service, outcome, deadline)
        left = [
            outcome for outcome in alive(left) if not (_complete(outcome) or enough(outcome.funnel or {}))
        ]
        if not left:
            return
    funnel = left[0].funnel or {}
    waiting = funnel.get("waiting") or {}
    raise OutOfTime(
        face.words(
            "wait_late",
            policy=str(left[0].answer["policy_id"]),
            timeout=deadline.timeout_s,
            state=funnel.get("state"),
            planned=waiting.get("planned"),
            claimed=waiting.get("claimed"),
        )
    )


def _ask(face: Face, service: Service, outcome: Outcome, deadline: Deadline) -> None:
    policy_id = str(outcome.answer["policy_id"])
    funnel: Funnel = service.call(
        "GET",
        policy_path(policy_id, "funnel"),
        who="publisher",
        params={"revision": outcome.answer.get("revision")},
        deadline=deadline,
    )
    outcome.funnel = funnel
    # Of a policy that was never pushed nothing waits, and yet that is not what its publisher waited for.
    wanted = outcome.item.type in CARRY_A_POLICY and not funnel.get("campaigns")
    if funnel.get("state") in GONE and (wanted or not funnel.get("complete")):
        raise CommandFailed(face.words("ended", policy=policy_id, state=funnel["state"]))


def _complete(outcome: Outcome) -> bool:
    return bool(outcome.funnel and outcome.funnel.get("complete"))


def _say_who_waits(face: Face, outcomes: Sequence[Outcome], deadline: Deadline) -> None:
    names = [
        str(outcome.answer["policy_id"])
        for outcome in outcomes
        if outcome.funnel is not None
        and outcome.funnel.get("state") == WAITS_FOR_REVIEW
        and not _complete(outcome)
    ]
    if not names:
        return
    timeout = deadline.timeout_s
    if len(names) == 1:
        said = face.words("waits_for_release", policy=names[0], timeout=timeout)
    else:
        shown = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        said = face.words("wait_for_release", count=len(names), policies=shown, timeout=timeout)
    face.err.print(said, style="yellow", markup=False)
