"""``zhengda publish``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.cli.completing import await_completion
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, SomeRefused
from service.cli.inputfile import opened
from service.cli.ledger import show_funnel
from service.cli.outcomes import Outcome
from service.cli.publishing import Publisher
from service.cli.reading import WINDOW, Item, Reading, read_events, windows
from service.cli.show import cell, print_json

Source = Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]
PATIENCE_S = 60.0
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]


def publish(
    ctx: typer.Context,
    file: Source,
    release: Annotated[bool, typer.Option("--release", help="Release with the reviewer's key.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all is delivered; print the funnel.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=0.0, help=f"Seconds to wait; of JSONL anew for each run of at most {WINDOW} lines."),
    ] = 600.0,
    as_json: AsJson = False,
) -> None:
    """Publish a CloudEvent, bare policy data, or JSONL of either (`-`: standard input)."""
    face = face_of(ctx)
    outcomes: list[Outcome] = []
    with opened(face, file) as stream, face.service() as service:
        reading = read_events(stream, file.name, face.words)
        size = file.stat().st_size if reading.lines and str(file) != "-" else None
        try:
            with _progress(face, reading, size) as advance:
                for run in windows(reading.items):
                    limit = face.deadline(timeout)
                    publisher = Publisher(face, service, limit)
                    done = publisher.publish(run)
                    outcomes += done
                    if release:
                        publisher.release(done)
                    if wait:
                        await_completion(face, service, done, limit)
                    advance(run)
        finally:
            # Also when time ran out: what is known by then is worth seeing.
            _print(face, outcomes, reading.lines, wait, as_json)
            if reading.lines:
                _tell_refused(face, outcomes)
    _insist_on_all(face, outcomes, reading.lines)


@contextmanager
def _progress(face: Face, reading: Reading, size: int | None) -> Iterator[Callable[[Sequence[Item]], None]]:
    """Yield what counts a finished run on a bar; single events and silent terminals have no bar."""
    console = face.err
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = not reading.lines or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(face.words("publishing"), total=size)
        yield lambda run: bar.update(task, advance=sum(item.read_bytes for item in run))


def _print(face: Face, outcomes: Sequence[Outcome], lines: bool, wait: bool, as_json: bool) -> None:
    funnels = [outcome.funnel for outcome in outcomes if outcome.funnel is not None]
    if as_json:
        content: Sequence[object] = funnels if wait else [outcome.printed() for outcome in outcomes]
        if lines:
            print_json(content)
        elif content:
            print_json(content[0])
    elif wait:
        for funnel in funnels:
            show_funnel(face, funnel)
    else:
        for outcome in outcomes:
            if outcome.error is None:
                values = {name: cell(value) for name, value in outcome.printed().items()}
                face.out.print(face.words("published", **values), markup=False)


def _tell_refused(face: Face, outcomes: Sequence[Outcome]) -> None:
    """Print the lines that were refused and why, on standard error."""
    for outcome in outcomes:
        if outcome.error is None:
            continue
        reason = " ".join(outcome.error.split())
        told = face.words("line_refused", line=outcome.item.line, reason=reason)
        face.err.print(reason if outcome.item.problem else told, style="red", markup=False)


def _insist_on_all(face: Face, outcomes: Sequence[Outcome], lines: bool) -> None:
    refused = [outcome for outcome in outcomes if outcome.error is not None]
    if refused and not lines:
        raise CommandFailed(refused[0].error)
    if refused:
        raise SomeRefused(face.words("some_refused", refused=len(refused), total=len(outcomes)))
