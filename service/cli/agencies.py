"""``zhengda agencies``: the authorities that publish here."""

from typing import Annotated
from urllib.parse import quote

import typer

from service.cli.face import face_of
from service.cli.show import print_fields, print_json, print_rows

COLUMNS = ("agency_id", "name", "region", "created_at")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]

group = typer.Typer(no_args_is_help=True, help="Add and list agencies.")


@group.command()
def add(
    ctx: typer.Context,
    agency_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    region: Annotated[
        str | None, typer.Option(help="Its division code (GB/T 2260), where its policies apply by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an agency, or correct its name and region."""
    face = face_of(ctx)
    with face.service() as service:
        path = f"/api/v1/agencies/{quote(agency_id, safe='')}"
        answer = service.call("PUT", path, who="operator", body={"name": name, "region": region})
    if as_json:
        print_json(answer)
    else:
        print_fields(face, answer)


@group.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the agencies."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/agencies", who="operator")
    if as_json:
        print_json(answer)
    else:
        print_rows(face, answer["agencies"], COLUMNS)
