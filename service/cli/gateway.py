"""``zhengda gateway``: what to write into the SMS gateway's configuration."""

from typing import Annotated

import typer

from service.cli.face import face_of
from service.cli.show import print_json

REPLIES = """\
group = sms-service
keyword = default
catch-all = true
max-messages = {most}
get-url = "{incoming_url}"
"""


def gateway(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Print the part of kannel.conf that hands replies (T, TD, R, 退订) to this service; it holds a secret."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/sms/gateway", who="operator")
    if as_json:
        print_json(answer)
    else:
        # One message back at most, and none where none is set: Kannel would send words of its own for an empty one.
        print(REPLIES.format(most=int(answer["confirms"]), incoming_url=answer["incoming_url"]), end="")
