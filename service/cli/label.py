"""``zhengda label``: what the rules read in a text, on this machine and without a running service."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from service.cli.face import Face, face_of
from service.cli.failures import WrongUse
from service.cli.onefile import is_one_file
from service.cli.outputfile import is_standard_output

Directory = Annotated[
    Path | None,
    typer.Option("--lexicon", help="A directory of the office's own rules; else ZHENGDA_LEXICON."),
]


def label(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", show_default=False, help="A text, or policy data in JSON; `-`: standard input."
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Its title; else its first line that reads like one.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="Who issued it.")] = None,
    region: Annotated[
        str | None, typer.Option(help="Where the issuer governs: a code, or 广东省广州市.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="The day it was published, 2026-03-01.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also what was not enough, and why.")] = False,
    jsonl: Annotated[
        Path | None, typer.Option(help="Label many: a JSON object a line; `-`: standard input.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the labels of --jsonl go; `-`: standard output.")
    ] = None,
    diff: Annotated[
        Path | None, typer.Option(help="Another directory of rules: show what it would change.")
    ] = None,
    lexicon: Directory = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Label a text, with the sentence that proves each label; needs no running service."""
    face = face_of(ctx)
    source = file or jsonl
    if source is None or (file and jsonl):
        raise WrongUse(face.words("label_what"))
    if out is not None and diff is not None:
        raise WrongUse(face.words("label_diff_out"))
    if jsonl is not None and out is None and diff is None:
        raise WrongUse(face.words("label_out"))
    if out is not None and not is_standard_output(out) and is_one_file(out, source):
        raise WrongUse(face.words("label_over", file=out))
    own = {"--title": title, "--issuer": issuer, "--region": region, "--published": published}
    _refuse(face, "label_each_says", own if jsonl is not None else {})
    _refuse(face, "label_not_told", {"--explain": explain} if out is not None else {})
    _refuse(face, "label_diff_tells", {"--explain": explain} if diff is not None else {})
    if published is not None and not _is_day(published):
        raise WrongUse(face.words("no_day", option="--published", day=published))
    # Taxonomy and rules take a second to load: not for --help, nor to say what is wrong above.
    from service.cli.labelling import Asked, label_as_asked

    given = {"title": title, "issuer": issuer, "region": region, "publish_date": published}
    asked = Asked(source, jsonl is not None, given, lexicon, out, diff, explain, as_json)
    label_as_asked(face, asked)


def _refuse(face: Face, why: str, options: Mapping[str, object]) -> None:
    """Refuse those of ``options`` that were given: passed over they would promise what is not done."""
    if given := [name for name, value in options.items() if value]:
        raise WrongUse(face.words(why, options=", ".join(given)))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
