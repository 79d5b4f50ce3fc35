"""``zhengda preview``: whom a policy would reach, before its release."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.client import Service
from service.cli.deciding import policy_path
from service.cli.face import Face, face_of
from service.cli.failures import WrongUse
from service.cli.inputfile import opened
from service.cli.labeltable import print_labels
from service.cli.reading import Unreadable, read_events
from service.cli.show import print_fields, print_json, print_named, print_rows

PATIENCE_S = 60.0
TABLES = ("by_region", "by_industry", "by_size")
MOST = 12  # rows of a table
ROW = ("code", "name", "count")
OVER = ("not_open", "apply_window", "valid_until")  # then nothing would go to anybody


def preview(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", show_default=False)] = None,
    policy: Annotated[
        str | None, typer.Option(help="A published policy by its id, with what its reviewer has corrected.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Count the audience of a policy before its release.

    A FILE is taken as it stands: corrections made since it was published do not count; with --policy they do.
    """
    face = face_of(ctx)
    if (file is None) == (policy is None):
        raise WrongUse(face.words("file_or_policy"))
    with face.service() as service:
        answer = _of_file(face, service, file) if file else _of_policy(face, service, policy or "")
    if as_json:
        print_json(answer)
    else:
        _show(face, answer)


def _of_file(face: Face, service: Service, file: Path) -> Any:
    with opened(face, file) as stream:
        items = list(read_events(stream, file.name, face.words).items)
    if len(items) != 1 or items[0].problem:
        raise Unreadable(items[0].problem or face.words("one_policy", file=file.name, found=len(items)))
    return service.call(
        "POST",
        policy_path("preview"),
        who="publisher",
        body=items[0].event.get("data"),
        deadline=face.deadline(PATIENCE_S),
    )


def _of_policy(face: Face, service: Service, policy_id: str) -> Any:
    path = policy_path(policy_id, "audience")
    return service.call("GET", path, who="publisher", deadline=face.deadline(PATIENCE_S))


def _show(face: Face, answer: Mapping[str, Any]) -> None:
    over = [reason for reason in OVER if reason in answer["held_back"]]
    face.out.print(face.words(f"over_{over[0]}" if over else "matched", count=answer["matched"]))
    print_fields(face, answer["by_channel"])
    if answer["sms"]:
        print_fields(face, {f"sms {name}": value for name, value in answer["sms"].items()})
    if answer["held_back"]:
        face.out.print(face.words("held_back"))
        print_fields(face, answer["held_back"])
    if answer["unconfirmed"]:
        face.out.print(face.words("unconfirmed"))
        print_fields(face, answer["unconfirmed"])
    for name in TABLES if answer["matched"] else ():
        face.out.print(face.words(name))
        rows = [{face.words(f"col_{key}"): one[key] for key in ROW} for one in answer[name][:MOST]]
        print_rows(face, rows, [face.words(f"col_{key}") for key in ROW])
        if len(answer[name]) > MOST:
            face.out.print(face.words("more_rows", count=len(answer[name]) - MOST))
    print_labels(face, answer["labels"], ("dimension", "code", "name", "quote"))
    if answer["samples"]:
        heads = face.words("col_subscriber"), face.words("col_reasons")
        samples = [{heads[0]: one["subscriber_id"], heads[1]: _why(face, one)} for one in answer["samples"]]
        print_named(face, "samples", samples, heads)


def _why(face: Face, sample: Mapping[str, Any]) -> list[str]:
    """A sample's reasons as a person reads them: what the subscription is called, and the labels that made it fit."""
    return [
        f"{why.get('name') or why.get('subscription') or face.words('profile')}: {', '.join(why['labels'])}"
        for why in sample["reasons"]
    ]
