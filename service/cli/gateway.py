"""``zhengda gateway``: what to set at the SMS gateways."""

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
    """Print what the SMS gateways need to report and to hand over replies (T, TD, R, 退订); it holds secrets.

    For a Kannel that is the part of kannel.conf, for a cloud the address to set in its console. Gateways with standing
    lines (SMPP, CMPP) need nothing.
    """
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/sms/gateway", who="operator")
    if as_json:
        print_json(answer)
        return
    callbacks = answer.get("callbacks", {})
    for name, url in callbacks.items():
        print(f"# {name}: {url}")
    if answer["gateway"] is None or set(answer.get("gateways", ())) - set(callbacks):
        # One message back at most, and none where none is set: Kannel would send words of its own for an empty one.
        print(REPLIES.format(most=int(answer["confirms"]), incoming_url=answer["incoming_url"]), end="")
