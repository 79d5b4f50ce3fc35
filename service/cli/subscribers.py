"""``zhengda subscribers import``: a list of enterprises of any length."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from service.cli.client import Service
from service.cli.csvfile import BrokenRow, Chunk, Table, chunks, open_table
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, SomeRefused, WrongUse
from service.cli.onefile import is_one_file
from service.cli.own import erase, export
from service.cli.refusedrows import NotWritten, RefusedRows
from service.cli.show import print_json
from service.cli.vouching import confirm, unconfirmed
from subscribers.lists.cells import plain
from subscribers.lists.headings import Header, ImportHeaderError, read_header
from subscribers.lists.spreadsheets import FileError

PATIENCE_S = 120.0
KEY_COLUMN = "subscriber_id"

group = typer.Typer(no_args_is_help=True, help="Bring in, confirm, export and erase subscribers.")


@dataclass
class Tally:
    """What became of the rows so far; ``done`` is how much of the file they were."""

    rows: int = 0
    done: int = 0
    subscribers: set[str] = field(default_factory=set)
    refused: list[dict[str, Any]] = field(default_factory=list)
    confirmations: int = 0


@group.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, show_default=False)],
    refused: Annotated[
        Path | None,
        typer.Option(metavar="OUT.csv", dir_okay=False, help="Where refused rows go: FILE.refused.csv."),
    ] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Of a workbook with several.")] = None,
    no_confirmation: Annotated[
        bool, typer.Option("--no-confirmation", help="Ask no address without consent to confirm.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Import a CSV (UTF-8 or GB18030) or an Excel workbook; refused rows are written to a file with the reasons."""
    face = face_of(ctx)
    tally = Tally()
    beside = refused or file.with_name(file.name + ".refused.csv")
    if is_one_file(beside, file):
        raise WrongUse(face.words("refused_is_file", file=beside))
    try:
        with open_table(file, sheet) as table, face.service() as service:
            header = read_header(table.header.cells if table.header else ())
            _import(face, service, table, header, beside, tally, confirmation=not no_confirmation)
    except (FileError, ImportHeaderError) as exc:
        raise CommandFailed(face.words("file_refused", file=file, reason=exc)) from exc
    except NotWritten as exc:
        raise CommandFailed(face.words("cannot_write", file=beside, reason=exc)) from exc
    except BrokenRow as exc:
        raise CommandFailed(face.words("line_refused", line=exc.line, reason=exc)) from exc
    _report(face, tally, beside, as_json)


def _import(
    face: Face,
    service: Service,
    table: Table,
    header: Header,
    beside: Path,
    tally: Tally,
    *,
    confirmation: bool,
) -> None:
    refused = RefusedRows(beside, table.header.cells if table.header else ())
    key = header.columns.index(KEY_COLUMN)
    with closing(refused), _progress(face, table) as advance:
        for chunk, answer in _answers(partial(_send, face, service, confirmation), table):
            _book(chunk, answer, key, tally, refused)
            tally.done = table.share(chunk, tally.done)
            advance(tally)


def _answers(send: Callable[[Chunk], Any], table: Table) -> Iterator[tuple[Chunk, Any]]:
    """Send every chunk in turn; while one is under way, the next is read."""
    assert table.header is not None, "who read its header has seen it"
    rows = chunks(table.header, table.rows)
    sent: tuple[Chunk, Future[Any]] | None = None
    broken: Exception | None = None
    with ThreadPoolExecutor(1) as courier:
        while True:
            try:
                chunk = next(rows, None)
            except (BrokenRow, FileError) as exc:
                chunk, broken = None, exc  # first the answer to what was sent already
            if sent is not None:
                yield sent[0], sent[1].result()
            if chunk is None:
                break
            sent = chunk, courier.submit(send, chunk)
    if broken is not None:
        raise broken


def _send(face: Face, service: Service, confirmation: bool, chunk: Chunk) -> Any:
    return service.call(
        "POST",
        "/api/v1/subscribers/import",
        who="operator",
        raw=chunk.body,
        media="text/csv; charset=utf-8",
        params=None if confirmation else {"confirmation": "false"},
        deadline=face.deadline(PATIENCE_S),
        answer_s=PATIENCE_S,
    )


def _book(chunk: Chunk, answer: Any, key: int, tally: Tally, refused: RefusedRows) -> None:
    lost = set()
    for refusal in answer["refused"]:
        row = chunk.row_at(int(refusal["line"]))
        line = row.line if row else 1
        lost.add(line)
        tally.refused.append({"line": line, "reason": refusal["reason"]})
        refused.add(line, refusal["reason"], row.cells if row else ())
    tally.rows += len(chunk.rows)
    tally.confirmations += int(answer.get("confirmations", 0))
    # One subscriber may have rows in several chunks, and is one all the same.
    taken = (row.cells[key] for row in chunk.rows if row.line not in lost and key < len(row.cells))
    tally.subscribers.update(plain(cell.strip()) for cell in taken)


@contextmanager
def _progress(face: Face, table: Table) -> Iterator[Callable[[Tally], None]]:
    console, began = face.err, face.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )

    def said(tally: Tally) -> str:
        took = max(face.monotonic() - began, 0.001)
        return face.words("import_speed", rows=tally.rows, speed=tally.rows / took)

    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(face.words("importing"), total=table.total, speed="")
        yield lambda tally: bar.update(task, completed=tally.done, speed=said(tally))


def _report(face: Face, tally: Tally, refused_path: Path, as_json: bool) -> None:
    count = len(tally.refused)
    if as_json:
        numbers = {"imported": len(tally.subscribers), "confirmations": tally.confirmations}
        print_json(numbers | {"refused": tally.refused})
    else:
        values = {"rows": tally.rows, "count": len(tally.subscribers), "refused": count}
        face.out.print(face.words("imported", **values))
        if tally.confirmations:
            face.out.print(face.words("asked_to_confirm", count=tally.confirmations))
    if tally.refused:
        first = tally.refused[0]
        told = {"count": count, "file": refused_path, "line": first["line"], "reason": first["reason"]}
        raise SomeRefused(face.words("import_refused", **told))


for _own in (export, erase, unconfirmed, confirm):
    group.command()(_own)
