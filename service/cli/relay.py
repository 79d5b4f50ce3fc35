"""``zhengda relay``: an association hands a policy on to its members."""

from typing import Annotated

import typer

from service.cli.client import Service
from service.cli.face import Face, face_of
from service.cli.failures import WrongUse
from service.cli.show import print_fields, print_json

SHOWN = ("relay_id", "policy_id", "revision", "note", "by", "at")
Policy = Annotated[str, typer.Argument(metavar="POLICY", show_default=False)]


def relay(
    ctx: typer.Context,
    policy: Policy,
    note: Annotated[str, typer.Option(help="What the association says to it; its members read it.")] = "",
    agency: Annotated[str | None, typer.Option(help="Whose policy, where two agencies use one id.")] = None,
    association: Annotated[str | None, typer.Option(help="Whose members; the key's own by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Hand a released policy on to an association's members, with the association's key (ZHENGDA_KEY)."""
    face = face_of(ctx)
    with face.service() as service:
        own = association or _own(face, service)
        made = service.call(
            "POST",
            f"/api/v1/associations/{own}/relays",
            who="association",
            body={"policy_id": policy, "note": note} | ({"agency_id": agency} if agency else {}),
        )
    if as_json:
        print_json(made)
    else:
        print_fields(face, made, SHOWN)


def _own(face: Face, service: Service) -> str:
    found = service.call("GET", "/api/v1/associations", who="association")["associations"]
    if len(found) != 1:
        raise WrongUse(face.words("no_association"))
    return str(found[0]["association_id"])
