"""``zhengda subscribers export`` and ``erase``: what a subscriber may ask an office for at any time."""

import json
import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from service.cli.face import face_of
from service.cli.failures import CommandFailed, WrongUse
from service.cli.show import print_json

SubscriberId = Annotated[str, typer.Argument(metavar="ID", show_default=False)]


def export(
    ctx: typer.Context,
    subscriber_id: SubscriberId,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", dir_okay=False, show_default=False)] = None,
) -> None:
    """Write everything held about a subscriber as JSON, contacts in the clear, to FILE or standard output."""
    face = face_of(ctx)
    with face.service() as service:
        whole = service.call("GET", f"{_path(subscriber_id)}/export", who="operator")
    if file is None:
        print_json(whole)
        return
    text = json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    try:
        # It holds contacts: for its owner only, and never over a file that is there.
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise CommandFailed(face.words("cannot_write", file=file, reason=exc.strerror)) from exc
    with os.fdopen(opened, "w", encoding="utf-8") as out:
        out.write(text)
    face.out.print(face.words("exported", id=subscriber_id, file=file), markup=False)


def erase(
    ctx: typer.Context,
    subscriber_id: SubscriberId,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; there is no way back.")] = False,
) -> None:
    """Forget a subscriber for good: contacts, profile, wishes, inbox; ledger rows stay under the bare id."""
    face = face_of(ctx)
    if not yes:
        raise WrongUse(face.words("erase_sure", id=subscriber_id))
    with face.service() as service:
        service.call("DELETE", _path(subscriber_id), who="operator")
    face.out.print(face.words("erased", id=subscriber_id), markup=False)


def _path(subscriber_id: str) -> str:
    return f"/api/v1/subscribers/{quote(subscriber_id, safe='')}"
