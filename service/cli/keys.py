"""``zhengda keys``: who may speak, and what contacts are sealed by."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import typer

from service.cli.face import face_of
from service.cli.show import print_fields, print_json, print_rows

COLUMNS = (
    "key_id",
    "role",
    "holder",
    "agency_id",
    "association_id",
    "subscriber_id",
    "created_at",
    "revoked_at",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]

group = typer.Typer(
    no_args_is_help=True, help="Make, list and revoke API keys; renew what contacts are sealed by."
)


class Role(StrEnum):
    """The roles of docs/faces.md."""

    OPERATOR = "operator"
    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    ASSOCIATION = "association"
    SUBSCRIBER = "subscriber"


@group.command()
def create(
    ctx: typer.Context,
    role: Annotated[Role, typer.Argument(show_default=False)],
    holder: Annotated[str, typer.Option(help="The person who will hold it.")],
    agency: Annotated[str | None, typer.Option(help="For publishers and reviewers.")] = None,
    association: Annotated[str | None, typer.Option(help="For associations.")] = None,
    subscriber: Annotated[str | None, typer.Option(help="For subscribers.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; it is shown once."""
    face = face_of(ctx)
    bound = {"agency_id": agency, "association_id": association, "subscriber_id": subscriber}
    body = {"role": role.value, "holder": holder, **{name: value for name, value in bound.items() if value}}
    with face.service() as service:
        answer = service.call("POST", "/api/v1/keys", who="operator", body=body)
    if as_json:
        print_json(answer)
        return
    print_fields(face, answer)
    face.err.print(face.words("key_once"), style="yellow")


@group.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/keys", who="operator")
    if as_json:
        print_json(answer)
    else:
        print_rows(face, answer["keys"], COLUMNS)


@group.command()
def revoke(
    ctx: typer.Context, key_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)]
) -> None:
    """End a key at once."""
    face = face_of(ctx)
    with face.service() as service:
        service.call("DELETE", f"/api/v1/keys/{quote(key_id, safe='')}", who="operator")
    face.out.print(face.words("revoked", key=key_id), markup=False)


@group.command()
def rewrap(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Wrap the keys of all contacts by the newest of ZHENGDA_MASTER_KEYS; then the older ones may go."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("POST", "/api/v1/master-keys/rewrap", who="operator", answer_s=None)
    if as_json:
        print_json(answer)
    else:
        face.out.print(face.words("rewrapped", keys=answer["rewrapped"]), markup=False)
