"""``zhengda subscribers import``: a list of enterprises of any length."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.cli.client import Service
from service.cli.csvfile import BrokenRow, Chunk, Row, chunks, encoding_of, read_rows
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed
from service.cli.show import print_json

PATIENCE_S = 120.0
KEY_COLUMN = "subscriber_id"

group = typer.Typer(no_args_is_help=True, help="Bring in subscribers.")


@dataclass
class Tally:
    """What became of the rows so far."""

    imported: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)


class RefusedRows:
    """``FILE.refused.csv``: made by the first refused row, readable by its owner only, for it holds contacts."""

    def __init__(self, path: Path, header: Row) -> None:
        self.path = path
        self._header = header
        self._file: TextIO | None = None

    def add(self, line: int, reason: str, cells: tuple[str, ...]) -> None:
        """Write a row with the line it stood at and why it was refused."""
        if self._file is None:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(opened, "w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(("line", "reason", *self._header.cells))
        csv.writer(self._file).writerow((line, reason, *cells))

    def close(self) -> None:
        """Close the file if there is one."""
        if self._file is not None:
            self._file.close()


@group.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Import a CSV (UTF-8 or GB18030); refused rows are written to FILE.refused.csv with line and reason."""
    face = face_of(ctx)
    tally = Tally()
    refused_path = file.with_name(file.name + ".refused.csv")
    with file.open(encoding=encoding_of(file), newline="") as stream, face.service() as service:
        rows = read_rows(stream)
        header = next(rows, None)
        if header is None or KEY_COLUMN not in (cell.strip() for cell in header.cells):
            raise CommandFailed(face.words("no_header", file=file))
        refused = RefusedRows(refused_path, header)
        try:
            with _progress(face, file.stat().st_size) as advance:
                for chunk in chunks(header, rows):
                    _send(face, service, chunk, tally, refused)
                    advance(chunk)
        except BrokenRow as exc:
            raise CommandFailed(face.words("line_refused", line=exc.line, reason=exc)) from exc
        finally:
            refused.close()
    _report(face, tally, refused_path, as_json)


def _send(face: Face, service: Service, chunk: Chunk, tally: Tally, refused: RefusedRows) -> None:
    answer = service.call(
        "POST",
        "/api/v1/subscribers/import",
        who="operator",
        raw=chunk.body,
        media="text/csv; charset=utf-8",
        deadline=face.deadline(PATIENCE_S),
        answer_s=PATIENCE_S,
    )
    tally.imported += int(answer["imported"])
    for refusal in answer["refused"]:
        row = chunk.row_at(int(refusal["line"]))
        line = row.line if row else 1
        tally.refused.append({"line": line, "reason": refusal["reason"]})
        refused.add(line, refusal["reason"], tuple(row.cells) if row else ())


@contextmanager
def _progress(face: Face, size: int) -> Iterator[Callable[[Chunk], None]]:
    console = face.err
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(face.words("importing"), total=size)
        yield lambda chunk: bar.update(task, advance=chunk.read_bytes)


def _report(face: Face, tally: Tally, refused_path: Path, as_json: bool) -> None:
    if as_json:
        print_json({"imported": tally.imported, "refused": tally.refused})
    else:
        face.out.print(face.words("imported", count=tally.imported))
    if tally.refused:
        first = tally.refused[0]
        values = {
            "count": len(tally.refused),
            "file": refused_path,
            "line": first["line"],
            "reason": first["reason"],
        }
        raise CommandFailed(face.words("import_refused", **values))
