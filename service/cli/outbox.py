"""``zhengda outbox``: what the sandbox would have sent."""

from typing import Annotated

import typer

from service.cli.face import face_of
from service.cli.show import print_json, print_rows


def outbox(
    ctx: typer.Context,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Messages at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """List the sandbox's messages, newest first; contacts are masked."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call(
            "GET", "/api/v1/outbox", who="operator", params={"channel": channel, "limit": limit}
        )
    if as_json:
        print_json(answer)
        return
    messages = answer["messages"]
    names = dict.fromkeys(
        name for message in messages for name, value in message.items() if name != "cursor" and _short(value)
    )
    print_rows(face, messages, list(names))


def _short(value: object) -> bool:
    return not isinstance(value, (dict, list)) and len(str(value)) <= 120
