"""``zhengda subscribers unconfirmed`` and ``confirm``: what subscribers entered themselves, and that it is right."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from service.cli.face import face_of
from service.cli.failures import WrongUse
from service.cli.show import print_json, print_next, print_rows

CODES = ("subscriber_id", "name", "credit_code")
MEMBERS = ("subscriber_id", "name")

SubscriberId = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]


def unconfirmed(
    ctx: typer.Context,
    association: Annotated[str | None, typer.Option(help="Members of it instead of credit codes.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most, up to 500.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on after the `next` of an earlier answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """List credit codes (or memberships) that only the subscriber itself entered: targeted policies pass them by."""
    face = face_of(ctx)
    params: dict[str, Any] = {"limit": limit, "after": after}
    path, rows = "/api/v1/credit-codes/unconfirmed", "subscribers"
    if association is not None:
        path, rows = f"/api/v1/associations/{quote(association, safe='')}/members", "members"
        params["confirmed"] = "false"
    with face.service() as service:
        answer = service.call("GET", path, who="operator", params=params)
    if as_json:
        print_json(answer)
        return
    print_rows(face, answer[rows], CODES if association is None else MEMBERS)
    print_next(face, answer["next"])


def confirm(
    ctx: typer.Context,
    subscriber_id: SubscriberId,
    credit_code: Annotated[str | None, typer.Argument(metavar="[CODE]", show_default=False)] = None,
    association: Annotated[str | None, typer.Option(help="The membership in it instead of a code.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take a confirmation back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say that the credit code (or membership) a subscriber entered is right, so that targeted policies count it."""
    face = face_of(ctx)
    if (credit_code is None) == (association is None):
        raise WrongUse(face.words("one_to_confirm"))
    who = quote(subscriber_id, safe="")
    body: dict[str, Any] = {"confirmed": not withdraw}
    if association is not None:
        path = f"/api/v1/associations/{quote(association, safe='')}/members/{who}/confirmed"
        what = face.words("what_membership", which=association)
    else:
        path = f"/api/v1/subscribers/{who}/credit-code"
        body["credit_code"] = credit_code
        what = face.words("what_code", which=credit_code)
    with face.service() as service:
        answer = service.call("PUT", path, who="operator", body=body)
    if as_json:
        print_json(answer)
        return
    word = "not_vouched" if withdraw else "vouched"
    face.out.print(face.words(word, what=what, id=subscriber_id), markup=False)
