"""``zhengda plan`` and ``zhengda tasks``: what is still to come, and what an agency is asked to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from config.clock import SHANGHAI
from service.cli.deciding import policy_path
from service.cli.face import Face, face_of
from service.cli.show import cell, print_json
from service.cli.words import Words

Agency = Annotated[str | None, typer.Option(help="For operators: whose, where two agencies use one id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]
STYLES = {"planned": "bold", "done": "green", "dropped": "yellow", "cancelled": "dim"}


def plan(
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="POLICY", show_default=False)],
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Show what follows a policy: reminders, the day it takes effect, its end, what its agency owes."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", policy_path(policy, "plan"), who="operator", params={"agency": agency})
    if as_json:
        print_json(answer)
        return
    say = face.words
    rows = [_plan_row(say, item) for item in answer["plan"]]
    _print(face, [*(say(f"plan_{name}") for name in ("when", "what", "state", "reason")), ""], rows)


def tasks(
    ctx: typer.Context,
    agency: Agency = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Rows at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what an agency is asked to do and has not done yet."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call(
            "GET", "/api/v1/tasks", who="operator", params={"agency": agency, "limit": limit}
        )
    if as_json:
        print_json(answer)
        return
    names = ("agency_id", "policy_id", "kind", "text")
    rows = [[_local(task["at"]), *(Text(cell(task.get(name))) for name in names)] for task in answer["tasks"]]
    _print(face, [face.words("plan_when"), *names], rows)


def _plan_row(say: Words, item: Mapping[str, Any]) -> list[Text]:
    state, reason = str(item["state"]), item.get("reason")
    return [
        _local(item["due_at"]),
        Text(_what(say, item)),
        Text(say(f"due_{state}"), style=STYLES[state]),
        Text(say(f"due_{reason}") if reason else "-"),
        Text(say("provisional") if item["provisional"] else "", style="yellow"),
    ]


def _what(say: Words, item: Mapping[str, Any]) -> str:
    kind, _, rest = str(item["occurrence"]).partition(":")
    number, _, day = rest.partition(":")
    return say(f"due_{kind}", number=number, day=day or number)


def _local(moment: str) -> Text:
    """A moment as people in the office read it."""
    return Text(datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))


def _print(face: Face, names: list[str], rows: list[list[Text]]) -> None:
    if not rows:
        face.out.print(face.words("nothing"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    face.out.print(table)
