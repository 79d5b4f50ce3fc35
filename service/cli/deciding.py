"""A decision on a policy, and waiting for what the service makes of an event."""

from collections.abc import Collection
from typing import Any, Literal
from urllib.parse import quote

from service.cli.access import Speaker
from service.cli.client import Deadline, Service
from service.cli.face import Face
from service.cli.failures import CommandFailed, OutOfTime, Refused

Verb = Literal["release", "refuse"]
READY = ("waiting", "released")
NOT_FOUND = 404
GONE = ("refused", "superseded", "repealed")


def policy_path(policy_id: str, *rest: str) -> str:
    """Return the address of a policy, or of something below it."""
    return "/".join(["/api/v1/policies", quote(policy_id, safe=""), *rest])


def await_answer(
    face: Face, service: Service, taken: dict[str, Any], who: Speaker, deadline: Deadline
) -> dict[str, Any]:
    """Follow the status address of an event that was taken until the gate has answered.

    Returns:
        The event's status: ``accepted``, ``refused`` or ``dead``, with its reason.

    Raises:
        OutOfTime: the gate did not answer before ``deadline``; the event is durable.
    """
    for _ in face.pauses(deadline):
        try:
            status: dict[str, Any] = service.call("GET", str(taken["status_url"]), who=who, deadline=deadline)
        except Refused as exc:
            # An event is durable in the log before the record knows it: for a moment it may not be found.
            if exc.status != NOT_FOUND:
                raise
            continue
        if status.get("status") != "received":
            return status
    raise OutOfTime(face.words("gate_late", what=taken.get("event_id"), timeout=deadline.timeout_s))


def insist_on_acceptance(face: Face, status: dict[str, Any]) -> None:
    """Raise what the gate had against an event.

    Raises:
        CommandFailed: it was refused or put aside.
    """
    if status.get("status") != "accepted":
        name = "event_dead" if status.get("status") == "dead" else "event_refused"
        raise CommandFailed(face.words(name, reason=status.get("reason") or status.get("status")))


def await_ready(
    face: Face,
    service: Service,
    policy_id: str,
    revision: int | None,
    deadline: Deadline,
) -> dict[str, Any]:
    """Wait until a policy carries its labels and can be decided on.

    Returns:
        The policy; its state is ``waiting``, or ``released`` where somebody was faster.

    Raises:
        CommandFailed: that revision is refused, superseded or repealed.
        OutOfTime: it was not ready before ``deadline``.
    """
    state: object = None
    for _ in face.pauses(deadline):
        policy: dict[str, Any] = service.call(
            "GET", policy_path(policy_id), who="reviewer", params={"revision": revision}, deadline=deadline
        )
        state = policy.get("state")
        if state in READY:
            return policy
        if state in GONE:
            raise CommandFailed(
                face.words("not_releasable", policy=policy_id, revision=policy.get("revision"), state=state)
            )
    raise OutOfTime(face.words("label_late", policy=policy_id, timeout=deadline.timeout_s, state=state))


def decide(
    service: Service,
    policy_id: str,
    verb: Verb,
    *,
    revision: int | None,
    reason: str | None,
    explanations: Collection[str] | None = None,
    deadline: Deadline,
) -> dict[str, Any]:
    """Send a reviewer's decision; the answer carries its status address.

    ``explanations`` names what a release covers, None for all that waits.
    """
    named = None if explanations is None else list(explanations)
    return _send(service, policy_path(policy_id, verb), revision, reason, deadline, explanations=named)


def decide_item(
    service: Service,
    policy_id: str,
    item: tuple[str, str],
    verb: Verb,
    *,
    revision: int | None,
    reason: str | None,
    deadline: Deadline,
) -> dict[str, Any]:
    """Send a reviewer's decision on an item, ``("faqs", id)``; the answer carries its status address."""
    kind, item_id = item
    path = policy_path(policy_id, kind, quote(item_id, safe=""), verb)
    return _send(service, path, revision, reason, deadline)


def _send(
    service: Service,
    path: str,
    revision: int | None,
    reason: str | None,
    deadline: Deadline,
    **more: list[str] | None,
) -> dict[str, Any]:
    given = {"revision": revision, "reason": reason, **more}
    body = {name: value for name, value in given.items() if value is not None}
    answer: dict[str, Any] = service.call("POST", path, who="reviewer", body=body, deadline=deadline)
    return answer
