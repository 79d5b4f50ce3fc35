"""``zhengda suppressions`` and ``zhengda bounces``: where nothing goes any more, and what came back."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.client import Service
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, SomeRefused
from service.cli.show import print_fields, print_json, print_next, print_rows
from subscribers.lists.spreadsheets import FileError, lines_of

BASE = "/api/v1/suppressions"
COLUMNS = ("channel", "reason", "said", "at", "subscribers", "index")
EXPORTED = ("channel", "reason", "at", "subscribers", "index", "said")  # what comes new stands last
BOUNCES = ("at", "word", "status", "delivery_id", "parked", "rule", "detail")
ROWS_A_REQUEST = 500
PAGE = 500
HEADINGS = {
    "address": "address", "地址": "address", "邮箱": "address", "手机号": "address", "email": "address",
    "mobile": "address", "channel": "channel", "渠道": "channel", "reason": "reason", "原因": "reason",
}  # fmt: skip
CHANNELS = {"邮件": "email", "电子邮件": "email", "短信": "sms"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", show_default=False)]
Channel = Annotated[
    str | None,
    typer.Option(help="email, sms or webhook; told by the look of the address where it is not given."),
]
Reason = Annotated[str, typer.Option(help="Why; the audit keeps it.")]

group = typer.Typer(
    no_args_is_help=True, help="See, add to and lift the list of addresses that nothing goes to."
)


@group.command("list")
def list_(
    ctx: typer.Context,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    since: Annotated[str | None, typer.Option(help="Not older: 2026-03-01T00:00:00+08:00.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most, up to 500.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on after the `next` of an earlier answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the entries, newest first; addresses are not kept, only who holds them."""
    face = face_of(ctx)
    params = {"channel": channel, "reason": reason, "since": since, "limit": limit, "after": after}
    with face.service() as service:
        answer = service.call("GET", BASE, who="operator", params=params)
    if as_json:
        print_json(answer)
        return
    print_rows(face, answer["suppressions"], COLUMNS)
    print_next(face, answer.get("next"))


@group.command()
def show(ctx: typer.Context, address: Address, channel: Channel = None, as_json: AsJson = False) -> None:
    """Say whether an address is on the list, and why."""
    _one(face_of(ctx), f"{BASE}/find", {"address": address, "channel": channel}, as_json)


@group.command()
def add(
    ctx: typer.Context, address: Address, reason: Reason, channel: Channel = None, as_json: AsJson = False
) -> None:
    """Put an address on the list; where it is there already its reason stands."""
    _one(face_of(ctx), BASE, {"address": address, "channel": channel, "reason": reason}, as_json)


@group.command()
def lift(
    ctx: typer.Context, address: Address, reason: Reason, channel: Channel = None, as_json: AsJson = False
) -> None:
    """Take an address off the list; a no is taken back by nobody but who said it."""
    _one(face_of(ctx), f"{BASE}/lift", {"address": address, "channel": channel, "reason": reason}, as_json)


@group.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    reason: Annotated[str, typer.Option(help="Where a row gives none.")] = "imported",
    as_json: AsJson = False,
) -> None:
    """Put the addresses of a list (CSV or .xlsx: address, channel, reason) on it."""
    face = face_of(ctx)
    rows = _rows(face, file, reason)
    total: dict[str, Any] = {"added": 0, "known": 0, "refused": []}
    with face.service() as service:
        for start in range(0, len(rows), ROWS_A_REQUEST):
            part = rows[start : start + ROWS_A_REQUEST]
            body = {"rows": [row for _, row in part]}
            answer = service.call("POST", f"{BASE}/import", who="operator", body=body)
            for name in ("added", "known"):
                total[name] += answer[name]
            total["refused"] += [
                {"line": part[one["row"] - 1][0], "reason": one["reason"]} for one in answer["refused"]
            ]
    _imported(face, total, len(rows), as_json)


@group.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", show_default=False)] = None,
) -> None:
    """Write the whole list as CSV, to standard output or a file (mode 0600)."""
    face = face_of(ctx)
    with face.service() as service:
        if file is None:
            _write(sys.stdout, service)
            return
        file.touch(mode=0o600)
        with file.open("w", encoding="utf-8", newline="") as out:
            _write(out, service)


def bounces(
    ctx: typer.Context,
    word: Annotated[
        str | None, typer.Option(help="Only these: gone, full, content, complained, auto_reply …")
    ] = None,
    parked: Annotated[
        bool | None, typer.Option("--parked/--applied", help="What changed nothing, or what did.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most, up to 500.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on after the `next` of an earlier answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what mail servers sent back in the last 30 days, without addresses."""
    face = face_of(ctx)
    params = {"word": word, "parked": parked, "limit": limit, "after": after}
    with face.service() as service:
        answer = service.call("GET", "/api/v1/bounces", who="operator", params=params)
    if as_json:
        print_json(answer)
        return
    if answer["counts"]:
        print_fields(face, answer["counts"])
    print_rows(face, answer["bounces"], BOUNCES)
    print_next(face, answer.get("next"))


def _one(face: Face, path: str, body: dict[str, Any], as_json: bool) -> None:
    given = {name: value for name, value in body.items() if value is not None}
    with face.service() as service:
        answer = service.call("POST", path, who="operator", body=given)
    if as_json:
        print_json(answer)
    else:
        print_fields(face, answer, COLUMNS)


def _rows(face: Face, file: Path, reason: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a list with the lines that they stand on."""
    if not file.is_file():
        raise CommandFailed(face.words("no_file", file=file))
    try:
        with file.open("rb") as opened:
            found = list(lines_of(opened))
    except FileError as exc:
        raise CommandFailed(f"{file}: {exc}") from exc
    if not found:
        raise CommandFailed(face.words("empty", file=file))
    names = [HEADINGS.get(cell.strip().lower(), "") for cell in found[0].cells]
    if "address" not in names:  # a bare list of addresses
        return [(one.number, {"address": one.cells[0], "reason": reason}) for one in found if one.cells]
    rows = []
    for one in found[1:]:
        cells = {
            name: cell.strip() for name, cell in zip(names, one.cells, strict=False) if name and cell.strip()
        }
        if "channel" in cells:
            cells["channel"] = CHANNELS.get(cells["channel"], cells["channel"])
        rows.append((one.number, {"reason": reason, "address": "", **cells}))
    return rows


def _imported(face: Face, total: dict[str, Any], rows: int, as_json: bool) -> None:
    if as_json:
        print_json(total)
    else:
        print_fields(
            face, {"added": total["added"], "known": total["known"], "refused": len(total["refused"])}
        )
        for one in total["refused"]:
            face.err.print(face.words("line_refused", line=one["line"], reason=one["reason"]), markup=False)
    if total["refused"]:
        raise SomeRefused(face.words("some_refused", refused=len(total["refused"]), total=rows))


def _write(out: Any, service: Service) -> None:
    table = csv.writer(out)
    table.writerow(EXPORTED)
    for entry in _all(service):
        table.writerow([";".join(entry[name]) if name == "subscribers" else entry[name] for name in EXPORTED])


def _all(service: Service) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        answer = service.call("GET", BASE, who="operator", params={"limit": PAGE, "after": after})
        yield from answer["suppressions"]
        after = answer["next"]
        if after is None:
            return
