"""``zhengda campaign``: hold a policy's deliveries and go on with them."""

from typing import Annotated

import typer

from service.cli.deciding import policy_path
from service.cli.face import Face, face_of
from service.cli.show import print_json, print_rows

COLUMNS = ("policy_id", "revision", "occurrence", "state", "reason")
Policy = Annotated[str, typer.Argument(metavar="POLICY", show_default=False)]
Agency = Annotated[str | None, typer.Option(help="Whose policy, where two agencies use one id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]

group = typer.Typer(no_args_is_help=True, help="Hold the deliveries of a policy and go on with them.")


@group.command()
def stop(
    ctx: typer.Context,
    policy: Policy,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit.")],
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Hold what has not been sent yet."""
    _command(face_of(ctx), policy, "stop", reason, agency, as_json)


@group.command()
def resume(
    ctx: typer.Context,
    policy: Policy,
    reason: Annotated[str | None, typer.Option(help="Why; it is kept in the audit.")] = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Go on with what was held."""
    _command(face_of(ctx), policy, "resume", reason, agency, as_json)


def _command(
    face: Face, policy: str, verb: str, reason: str | None, agency: str | None, as_json: bool
) -> None:
    with face.service() as service:
        answer = service.call(
            "POST",
            policy_path(policy, "campaign", verb),
            who="operator",
            body={"reason": reason} if reason else {},
            params={"agency": agency},
        )
    if as_json:
        print_json(answer)
    else:
        print_rows(face, answer["campaigns"], COLUMNS)
