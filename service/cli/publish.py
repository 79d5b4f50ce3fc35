"""``zhengda publish`` and ``zhengda preview``."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.cli.deciding import policy_path
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, WrongUse
from service.cli.ledger import show_funnel
from service.cli.publishing import Outcome, Publisher
from service.cli.reading import Item, Reading, Unreadable, read_events, windows
from service.cli.show import cell, print_fields, print_json, print_rows

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
    timeout: Annotated[float, typer.Option(min=0.0, help="Seconds to wait for one event.")] = 600.0,
    as_json: AsJson = False,
) -> None:
    """Publish a CloudEvent, bare policy data, or JSONL of either (`-`: standard input)."""
    face = face_of(ctx)
    outcomes: list[Outcome] = []
    with _opened(face, file) as stream, face.service() as service:
        reading = read_events(stream, file.name, face.words)
        size = file.stat().st_size if reading.lines and str(file) != "-" else None
        try:
            with _progress(face, reading, size) as advance:
                for run in windows(reading.items):
                    publisher = Publisher(face, service, face.deadline(timeout))
                    done = publisher.publish(run)
                    outcomes += done
                    if release:
                        publisher.release(done)
                    if wait:
                        publisher.wait(done)
                    advance(run)
        finally:
            # Also when time ran out: what is known by then is worth seeing.
            _print(face, outcomes, reading.lines, wait, as_json)
    _report(face, outcomes, reading.lines)


def preview(ctx: typer.Context, file: Source, as_json: AsJson = False) -> None:
    """Count the audience of a policy as its file states it; corrections made since it was published do not count."""
    face = face_of(ctx)
    with _opened(face, file) as stream:
        items = list(read_events(stream, file.name, face.words).items)
    if len(items) != 1 or items[0].problem:
        raise Unreadable(items[0].problem or face.words("one_policy", file=file.name, found=len(items)))
    with face.service() as service:
        answer = service.call(
            "POST",
            policy_path("preview"),
            who="publisher",
            body=items[0].event.get("data"),
            deadline=face.deadline(PATIENCE_S),
        )
    if as_json:
        print_json(answer)
        return
    face.out.print(face.words("matched", count=answer["matched"]))
    print_fields(face, answer.get("by_channel") or {})
    if answer.get("sms"):
        print_fields(face, {f"sms {name}": value for name, value in answer["sms"].items()})
    print_rows(face, answer.get("labels") or [], ("dimension", "code", "name", "quote"))
    samples = answer.get("samples") or []
    print_rows(face, [one | {"reasons": _why(face, one)} for one in samples], ("subscriber_id", "reasons"))


def _why(face: Face, sample: Mapping[str, Any]) -> list[str]:
    """A sample's reasons as a person reads them: what the subscription is called, and the labels that made it fit."""
    return [
        f"{why.get('name') or why.get('subscription') or face.words('profile')}: {', '.join(why['labels'])}"
        for why in sample["reasons"]
    ]


@contextmanager
def _opened(face: Face, file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    if not file.is_file():
        raise WrongUse(face.words("no_file", file=file))
    with file.open("rb") as stream:
        yield stream


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


def _report(face: Face, outcomes: Sequence[Outcome], lines: bool) -> None:
    refused = [outcome for outcome in outcomes if outcome.error is not None]
    if not refused:
        return
    if not lines:
        raise CommandFailed(refused[0].error)
    for outcome in refused:
        reason = " ".join(str(outcome.error).split())
        sentence = (
            reason
            if outcome.item.problem
            else face.words("line_refused", line=outcome.item.line, reason=reason)
        )
        face.err.print(sentence, style="red", markup=False)
    raise CommandFailed(face.words("some_refused", refused=len(refused), total=len(outcomes)))
