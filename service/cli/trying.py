"""``zhengda subscriptions try``: what criteria would have brought, before anybody subscribes."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from config.clock import SHANGHAI
from service.cli.face import Face, face_of
from service.cli.inputfile import opened
from service.cli.reading import parse_object
from service.cli.show import print_json

PATH = "/api/v1/criteria/preview"
OF_REQUEST = frozenset(("criteria", "kind"))

group = typer.Typer(no_args_is_help=True, help="Try out subscriptions.")


@group.callback()
def _group() -> None:
    # With a callback typer keeps the command's name, though it is the only one.
    """Try out subscriptions."""


@group.command("try")
def try_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Show what the criteria in FILE would have brought in the last 90 days.

    FILE (`-`: standard input) holds criteria as JSON, or {"criteria", "kind", "profile"} as the HTTP route takes them.
    """
    face = face_of(ctx)
    with opened(face, file) as stream:
        given = parse_object(stream.read(), str(file), face.words)
    body = given if OF_REQUEST & given.keys() else {"criteria": given}
    with face.service() as service:
        answer = service.call("POST", PATH, who="operator", body=body)
    if as_json:
        print_json(answer)
        return
    _report(face, answer)


def _report(face: Face, answer: dict[str, Any]) -> None:
    say = face.words
    face.out.print(say("would_have", days=answer["days"], count=answer["matched"], of=answer["looked_at"]))
    if not answer["complete"]:
        face.out.print(say("not_all_kept"))
    if not answer["policies"]:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("tried_day", "tried_title", "tried_why"):
        table.add_column(say(name), overflow="fold")
    for one in answer["policies"]:
        table.add_row(Text(_day(one["at"])), Text(one["title"]), Text("; ".join(one["reasons"])))
    face.out.print(table)


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d")
