"""``zhengda release`` and ``zhengda refuse``: a reviewer's decision."""

from typing import Annotated

import typer

from service.cli.deciding import Verb, await_answer, await_ready, decide, insist_on_acceptance
from service.cli.face import Face, face_of
from service.cli.show import cell, print_json

PATIENCE_S = 60.0
Policy = Annotated[str, typer.Argument(metavar="POLICY", show_default=False)]
Revision = Annotated[int | None, typer.Option(min=1, help="The revision decided on; the newest by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the decision's status as JSON.")]


def release(ctx: typer.Context, policy: Policy, revision: Revision = None, as_json: AsJson = False) -> None:
    """Release a policy for delivery, with the reviewer's key (ZHENGDA_REVIEWER_KEY)."""
    _decide(face_of(ctx), policy, "release", revision, None, as_json)


def refuse(
    ctx: typer.Context,
    policy: Policy,
    reason: Annotated[str, typer.Option(help="Why; the publisher reads it.")],
    revision: Revision = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a policy, with the reviewer's key; it is not delivered."""
    _decide(face_of(ctx), policy, "refuse", revision, reason, as_json)


def _decide(
    face: Face, policy: str, verb: Verb, revision: int | None, reason: str | None, as_json: bool
) -> None:
    deadline = face.deadline(PATIENCE_S)
    with face.service() as service:
        found = await_ready(face, service, policy, revision, deadline)
        # The revision that was looked at is the one decided on, even if a newer one comes in meanwhile.
        seen = found.get("revision", revision)
        taken = decide(service, policy, verb, revision=seen, reason=reason, deadline=deadline)
        status = await_answer(face, service, taken, "reviewer", deadline)
    insist_on_acceptance(face, status)
    if as_json:
        print_json(status)
    else:
        name = "released" if verb == "release" else "refused"
        face.out.print(face.words(name, policy=policy, revision=cell(seen)), markup=False)
