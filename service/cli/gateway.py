"""``zhengda gateway``: what to set at the SMS gateways."""

from typing import Annotated, Any

import typer

from service.cli.face import Face, face_of
from service.cli.show import print_json

KANNEL = "kannel"
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

    Each has its line: for a Kannel the group of kannel.conf follows, for a cloud it is the address to set in its
    console, and gateways with standing lines (SMPP, CMPP) need nothing. The lines are comments to kannel.conf.
    """
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/sms/gateway", who="operator")
    if as_json:
        print_json(answer)
        return
    for name in answer["gateways"]:
        print(f"# {name}: {_needs(face, name, answer)}")
    if not answer["gateways"]:
        print(f"# {face.words('gateway_none')}")
    if not answer["gateways"] or KANNEL in answer["kinds"].values():
        # One message back at most, and none where none is set: Kannel would send words of its own for an empty one.
        print(REPLIES.format(most=int(answer["confirms"]), incoming_url=answer["incoming_url"]), end="")


def _needs(face: Face, name: str, answer: dict[str, Any]) -> str:
    if (url := answer["callbacks"].get(name)) is not None:
        return face.words("gateway_cloud", url=url)
    kind = answer["kinds"][name]
    return face.words("gateway_kannel") if kind == KANNEL else face.words("gateway_line", kind=kind.upper())
