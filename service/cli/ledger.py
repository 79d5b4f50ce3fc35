"""``zhengda ledger`` and ``zhengda funnel``: what happened."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from service.cli.deciding import policy_path
from service.cli.face import Face, face_of
from service.cli.show import print_fields, print_json, print_next, print_rows

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]
COLUMNS = (
    "policy_id",
    "revision",
    "subscriber_id",
    "channel",
    "state",
    "reason",
    "attempts",
    "planned_at",
    "sent_at",
)
FUNNEL = (
    "title", "policy_id", "revision", "state", "complete", "matched", "planned", "held", "held_for", "sent",
    "unreported", "delivered", "read", "acknowledged", "failed", "suppressed", "expired", "superseded", "waiting",
    "reached", "aware", "reach_rate", "awareness_rate",
)  # fmt: skip


def ledger(
    ctx: typer.Context,
    policy: Annotated[str | None, typer.Option(help="Only this policy.")] = None,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber.")] = None,
    state: Annotated[str | None, typer.Option(help="Only rows in this state.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most, up to 500.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on after the `next` of an earlier answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries, a row each."""
    face = face_of(ctx)
    params = {
        "policy": policy, "subscriber": subscriber, "state": state, "channel": channel, "limit": limit, "after": after,
    }  # fmt: skip
    with face.service() as service:
        answer = service.call("GET", "/api/v1/ledger", who="operator", params=params)
    if as_json:
        print_json(answer)
        return
    print_rows(face, answer["deliveries"], COLUMNS)
    print_next(face, answer.get("next"))


def funnel(
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="POLICY", show_default=False)],
    agency: Annotated[
        str | None, typer.Option(help="For operators: whose policy, where two agencies use one id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how far a policy has come."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", policy_path(policy, "funnel"), who="operator", params={"agency": agency})
    if as_json:
        print_json(answer)
    else:
        show_funnel(face, answer)


def show_funnel(face: Face, content: Mapping[str, Any]) -> None:
    """Print a funnel for a person."""
    marked = f"{content.get('shards_marked')}/{content.get('shards')}"
    print_fields(face, {**content, "shards": marked}, ("shards", *FUNNEL))
