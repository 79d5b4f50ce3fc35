"""``zhengda outbox``: what the sandbox would have sent."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from service.cli.face import Face, face_of
from service.cli.show import print_fields, print_json, print_rows

LONGEST = 120  # characters that a table has room for


def outbox(
    ctx: typer.Context,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Messages at most.")] = 50,
    whole: Annotated[
        bool, typer.Option("--text", help="Each message with its text, and so with its links and codes.")
    ] = False,
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
    if whole and messages:
        for message in messages:
            _print_whole(face, message)
        return
    rows = [{name: value for name, value in message.items() if _fits(name, value)} for message in messages]
    print_rows(face, rows, list(dict.fromkeys(name for row in rows for name in row)))


def _print_whole(face: Face, message: Mapping[str, Any]) -> None:
    """Print one message as it would have been read; a link stays in one piece, so that it can be opened."""
    print_fields(face, message, [name for name in message if name not in ("cursor", "text")])
    face.out.print(str(message.get("text") or ""), markup=False, soft_wrap=True)
    face.out.print()


def _fits(name: str, value: object) -> bool:
    return name != "cursor" and not isinstance(value, (dict, list)) and len(str(value)) <= LONGEST
