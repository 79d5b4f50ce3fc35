"""``zhengda render``: what a message would look like, before any goes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from channels.message import Occasion
from config.channels import NAMES
from service.cli.access import Speaker
from service.cli.client import Service
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, WrongUse
from service.cli.show import print_fields, print_json

PATIENCE_S = 30.0
WHO: tuple[Speaker, ...] = ("operator", "reviewer")


def render(
    ctx: typer.Context,
    policy: Annotated[
        str | None,
        typer.Argument(metavar="POLICY", help="Its id; notices are about none.", show_default=False),
    ] = None,
    occasion: Annotated[Occasion, typer.Option(help="On which occasion.")] = Occasion.POLICY,
    channel: Annotated[str, typer.Option(help=f"Over which channel: {', '.join(NAMES)}.")] = "email",
    subscriber: Annotated[
        str | None,
        typer.Option(help="With the name and the reasons of this subscriber; made-up ones by default."),
    ] = None,
    revision: Annotated[int | None, typer.Option(min=1, help="The newest by default.")] = None,
    agency: Annotated[str | None, typer.Option(help="Operators: whose policy.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the mail's HTML there, to open in a browser.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Show what a message would look like: subject, text, parts of a text message. Nothing goes to anybody.

    Links and codes are masked. The templates are those that the running service has.
    """
    face = face_of(ctx)
    if html is not None and channel != "email":
        raise WrongUse(face.words("html_is_mail"))
    asked = {
        "policy": policy,
        "occasion": occasion.value,
        "channel": channel,
        "subscriber": subscriber,
        "revision": revision,
        "agency": agency,
    }
    with face.service() as service:
        answer = service.call(
            "GET",
            "/api/v1/render",
            who=_speaker(service),
            params=asked,
            deadline=face.deadline(PATIENCE_S),
        )
    if html is not None:
        _write(face, html, answer["html"])
    if as_json:
        print_json(answer)
    else:
        _show(face, answer)


def _speaker(service: Service) -> Speaker:
    """Return who asks: the operator, who sees every agency's, else a reviewer."""
    return next((who for who in WHO if service.speaks(who)), "operator")


def _write(face: Face, file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise CommandFailed(face.words("cannot_write", file=str(file), reason=exc.strerror)) from exc
    face.err.print(face.words("saved", file=str(file)), markup=False)


def _show(face: Face, answer: Mapping[str, Any]) -> None:
    if answer["subscriber_id"] is None and answer["policy_id"] is not None:
        face.err.print(face.words("made_up"), markup=False)
    if answer["subject"]:
        print_fields(face, {face.words("subject"): answer["subject"]})
        face.out.print()
    face.out.print(answer["text"], markup=False, highlight=False, soft_wrap=True)
    if answer["segments"]:
        face.out.print()
        print_fields(face, answer["segments"], ("alphabet", "units", "parts", "billed"))
    for one in answer["registered"]:
        face.out.print()
        face.out.print(f"{one['gateway']} {one['template_id']}", markup=False)
        print_fields(face, one["parameters"])
    for lacking in answer["lacks"]:
        face.err.print(face.words("lacks", what=lacking), style="yellow", markup=False)
