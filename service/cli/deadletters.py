"""``zhengda deadletters``: what was wrong for good, and another try."""

from typing import Annotated
from urllib.parse import quote

import typer

from service.cli.face import face_of
from service.cli.failures import CommandFailed, Refused
from service.cli.show import print_json, print_rows

COLUMNS = ("dead_letter_id", "topic", "partition", "offset", "at", "replayed_at", "reason")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]

group = typer.Typer(no_args_is_help=True, help="See and replay what was put aside as wrong.")


@group.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List dead letters with their reasons."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/deadletters", who="operator")
    if as_json:
        print_json(answer)
    else:
        print_rows(face, answer["dead_letters"], COLUMNS)


@group.command()
def replay(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Put dead letters before their agent again."""
    face = face_of(ctx)
    answers: list[object] = []
    refused: list[str] = []
    with face.service() as service:
        for dead_letter_id in ids:
            path = f"/api/v1/deadletters/{quote(dead_letter_id, safe='')}/replay"
            try:
                answers.append(service.call("POST", path, who="operator"))
            except Refused as exc:
                refused.append(f"{dead_letter_id}: {exc}")
                continue
            if not as_json:
                face.out.print(face.words("replayed", id=dead_letter_id), markup=False)
    if as_json:
        print_json(answers)
    if refused:
        raise CommandFailed("; ".join(refused))
