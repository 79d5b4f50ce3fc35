"""``zhengda webhooks``: what endpoints answered, a test event, their secrets, and what is sent again."""

import time
from typing import Annotated, Any
from urllib.parse import quote

import typer

from service.cli.client import Service
from service.cli.face import face_of
from service.cli.failures import CommandFailed
from service.cli.show import print_fields, print_json, print_rows

ENDPOINT = (
    "contact_id", "url", "consented", "verified_at", "disabled", "secret_generation", "previous_secret_until",
)  # fmt: skip
ATTEMPTS = ("at", "webhook_id", "status", "took_ms", "answer")
TESTED = ("ok", "status", "reason", "took_ms", "answer", "challenge_repeated", "confirmed", "enabled")
COUNTED = ("planned", "sent", "failed", "withheld")
TEST_S = 60.0
REPLAY_S = 300.0

Who = Annotated[str, typer.Argument(metavar="SUBSCRIBER", show_default=False)]
Contact = Annotated[
    str | None, typer.Option(help="Which endpoint (its contact_id), where there are several.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]

group = typer.Typer(no_args_is_help=True, help="Endpoints of subscribers: see, test, enable, replay.")


@group.command()
def show(ctx: typer.Context, subscriber: Who, as_json: AsJson = False) -> None:
    """Show a subscriber's endpoints and what they answered lately."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", _path(subscriber), who="operator")
    if as_json:
        print_json(answer)
        return
    for endpoint in answer["endpoints"]:
        print_fields(face, endpoint, ENDPOINT)
        print_rows(face, endpoint["attempts"], ATTEMPTS)


@group.command()
def secret(
    ctx: typer.Context,
    subscriber: Who,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Begin a new one; for 24 hours both sign.")
    ] = False,
    contact: Contact = None,
    as_json: AsJson = False,
) -> None:
    """Show the secret that signs what goes to an endpoint."""
    face = face_of(ctx)
    verb, what = ("POST", "rotate") if rotate else ("GET", "secret")
    with face.service() as service:
        answer = service.call(verb, _path(subscriber, what), who="operator", params={"contact_id": contact})
    if as_json:
        print_json(answer)
    else:
        print_fields(face, answer)


@group.command("test")
def try_(ctx: typer.Context, subscriber: Who, contact: Contact = None, as_json: AsJson = False) -> None:
    """Send a signed test event; fails where it is not answered by 2xx."""
    _tested(ctx, subscriber, "test", contact, as_json=as_json)


@group.command()
def enable(ctx: typer.Context, subscriber: Who, contact: Contact = None, as_json: AsJson = False) -> None:
    """Let an endpoint that answered 410 have messages again, once it answers a test event."""
    _tested(ctx, subscriber, "enable", contact, as_json=as_json)


@group.command()
def replay(
    ctx: typer.Context,
    subscriber: Who,
    delivery: Annotated[str | None, typer.Option(help="Only this delivery.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All that were planned since then: 2026-07-01T00:00:00+08:00.")
    ] = None,
    contact: Contact = None,
    as_json: AsJson = False,
) -> None:
    """Send again under the same ids: what failed runs anew through its retries, what was delivered goes at once."""
    face = face_of(ctx)
    body = {"delivery_id": delivery, "since": since}
    with face.service() as service:
        total = _replayed(service, subscriber, contact, {k: v for k, v in body.items() if v is not None})
    if as_json:
        print_json(total)
    else:
        print_fields(face, total)


def _replayed(service: Service, subscriber: str, contact: str | None, body: dict[str, Any]) -> dict[str, int]:
    """Ask for page after page, and add up what came of them."""
    total = dict.fromkeys(COUNTED, 0)
    while True:
        answer = service.call(
            "POST",
            _path(subscriber, "replay"),
            who="operator",
            body=body,
            params={"contact_id": contact},
            answer_s=REPLAY_S,
        )
        total = {name: total[name] + answer[name] for name in COUNTED}
        if answer["disabled"]:
            typer.echo("the endpoint is disabled: nothing more was sent", err=True)
        if answer["next"] is None:
            return total
        if wait_s := answer["retry_after_s"]:
            typer.echo(f"the endpoint asks to be left alone for {wait_s:.0f} s", err=True)
            time.sleep(wait_s)
        body = body | {"after": answer["next"]}


def _tested(ctx: typer.Context, subscriber: str, what: str, contact: str | None, *, as_json: bool) -> None:
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call(
            "POST",
            _path(subscriber, what),
            who="operator",
            params={"contact_id": contact},
            answer_s=TEST_S,
        )
    if as_json:
        print_json(answer)
    else:
        print_fields(face, answer, [name for name in TESTED if name in answer])
    if not answer["ok"]:
        raise CommandFailed(str(answer["reason"]))


def _path(subscriber: str, what: str = "") -> str:
    tail = f"/{what}" if what else ""
    return f"/api/v1/subscribers/{quote(subscriber, safe='')}/webhook{tail}"
