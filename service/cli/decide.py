"""``zhengda release`` and ``zhengda refuse``: a reviewer's decision on a policy, or on what explains it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from service.cli.deciding import (
    Verb,
    await_answer,
    await_ready,
    decide,
    decide_item,
    insist_on_acceptance,
)
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, Refused, WrongUse
from service.cli.show import cell, print_json
from service.cli.waiting import how_to_decide, say_what_came_with_it, waiting_beside

PATIENCE_S = 60.0
FORBIDDEN = 403
NAMES: dict[Verb, str] = {"release": "released", "refuse": "refused"}
Policy = Annotated[str, typer.Argument(metavar="POLICY", show_default=False)]
Revision = Annotated[int | None, typer.Option(min=1, help="The revision decided on; the newest by default.")]
Interpretation = Annotated[
    str | None, typer.Option(help="Decide on this interpretation of the policy, by its id.")
]
Faq = Annotated[str | None, typer.Option(help="Decide on this FAQ of the policy, by its id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the decision's status as JSON.")]


def release(
    ctx: typer.Context,
    policy: Policy,
    revision: Revision = None,
    interpretation: Interpretation = None,
    faq: Faq = None,
    as_json: AsJson = False,
) -> None:
    """Release a policy for delivery, with the reviewer's key (ZHENGDA_REVIEWER_KEY, else ZHENGDA_KEY).

    The interpretations and FAQs that wait beside it are released with it, and named; not those of your own. With
    --interpretation or --faq: release that one; those who got the policy are told of it.
    """
    _decide(face_of(ctx), policy, _item(ctx, interpretation, faq), "release", revision, None, as_json)


def refuse(
    ctx: typer.Context,
    policy: Policy,
    reason: Annotated[str, typer.Option(help="Why; the publisher reads it.")],
    revision: Revision = None,
    interpretation: Interpretation = None,
    faq: Faq = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a policy, an interpretation or a FAQ, with the reviewer's key; it is not delivered."""
    _decide(face_of(ctx), policy, _item(ctx, interpretation, faq), "refuse", revision, reason, as_json)


def _item(ctx: typer.Context, interpretation: str | None, faq: str | None) -> tuple[str, str] | None:
    if interpretation is not None and faq is not None:
        raise WrongUse(face_of(ctx).words("one_item"))
    if interpretation is not None:
        return "interpretations", interpretation
    return ("faqs", faq) if faq is not None else None


def _decide(
    face: Face,
    policy: str,
    item: tuple[str, str] | None,
    verb: Verb,
    revision: int | None,
    reason: str | None,
    as_json: bool,
) -> None:
    if item is None:
        _decide_policy(face, policy, verb, revision, reason, as_json)
        return
    deadline = face.deadline(PATIENCE_S)
    with face.service(deciding=True) as service, _saying_whose_key(face):
        taken = decide_item(service, policy, item, verb, revision=revision, reason=reason, deadline=deadline)
        status = await_answer(face, service, taken, "reviewer", deadline)
    insist_on_acceptance(face, status)
    if as_json:
        print_json(status)
    else:
        face.out.print(face.words(f"item_{NAMES[verb]}", policy=policy, id=item[1]), markup=False)


def _decide_policy(
    face: Face, policy: str, verb: Verb, revision: int | None, reason: str | None, as_json: bool
) -> None:
    """Decide on what was looked at, even if a newer revision or another explanation comes in meanwhile."""
    deadline = face.deadline(PATIENCE_S)
    with face.service(deciding=True) as service, _saying_whose_key(face):
        found = await_ready(face, service, policy, revision, deadline)
        seen, beside = found.get("revision", revision), waiting_beside(found)
        covers = beside if verb == "release" else None
        with _saying_what_waits(face, policy, beside if found.get("state") == "released" else {}):
            taken = decide(
                service, policy, verb, revision=seen, reason=reason, explanations=covers, deadline=deadline
            )
            status = await_answer(face, service, taken, "reviewer", deadline)
            insist_on_acceptance(face, status)
        if as_json:
            print_json(status)
            return
        face.out.print(face.words(NAMES[verb], policy=policy, revision=cell(seen)), markup=False)
        if covers:
            now = await_ready(face, service, policy, seen, deadline)
            say_what_came_with_it(face, policy, covers, waiting_beside(now))
    if status.get("reason"):
        face.err.print(str(status["reason"]), markup=False)


@contextmanager
def _saying_what_waits(face: Face, policy: str, beside: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Add to the refusal of a second release what its caller may have meant."""
    try:
        yield
    except CommandFailed:
        for line in how_to_decide(face, policy, beside):
            face.err.print(line, markup=False)
        raise


@contextmanager
def _saying_whose_key(face: Face) -> Iterator[None]:
    """Add to a refusal which key it was, where the command took the one that speaks for everything else."""
    try:
        yield
    except Refused as exc:
        given = face.environ
        if exc.status == FORBIDDEN and given.get("ZHENGDA_KEY") and not given.get("ZHENGDA_REVIEWER_KEY"):
            raise CommandFailed(face.words("own_key_decides", reason=exc)) from exc
        raise
