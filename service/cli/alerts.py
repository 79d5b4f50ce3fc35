"""``zhengda alerts``: what needs somebody's attention now."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from service.cli.face import face_of
from service.cli.show import print_json, print_rows
from streams.alert_words import KINDS, sentence

COLUMNS = ("raised_at", "kind", "subject", "detail", "resolved_at")


def alerts(
    ctx: typer.Context,
    ended: Annotated[bool, typer.Option("--ended", help="Show those that are over as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """List what an operator has to know of: late campaigns, refused texts, far sides that are down, dead letters."""
    face = face_of(ctx)
    with face.service() as service:
        params = {"ended": "true"} if ended else {}
        answer = service.call("GET", "/api/v1/alerts", who="operator", params=params)
    if as_json:
        print_json(answer)
    else:
        print_rows(face, [_in_words(one, chinese=face.words.chinese) for one in answer["alerts"]], COLUMNS)


def _in_words(alert: Mapping[str, Any], *, chinese: bool) -> dict[str, Any]:
    """Return a row in the caller's language; the word of its kind, which the handbook lists, stays in both."""
    kind = alert["kind"]
    shown = f"{KINDS[kind]}（{kind}）" if chinese and kind in KINDS else kind
    return {**alert, "kind": shown, "detail": sentence(alert, chinese=chinese)}
