"""``zhengda label``: what the rules read in a text, on this machine and without a running service."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from config.settings import SettingsError, load_settings
from config.taxonomies import TaxonomyDataError, load_lexicon, load_taxonomy
from service.cli.documents import Document, some_documents
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, SomeRefused, WrongUse
from service.cli.labelled import compare, print_labelled, print_weighed
from service.cli.onedocument import one_document
from service.cli.show import print_json
from streams.labelling import Labeller
from streams.labelling.rows import as_json_object, as_row

Directory = Annotated[
    Path | None,
    typer.Option("--lexicon", help="A directory of the office's own rules; else ZHENGDA_LEXICON."),
]


def label(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", show_default=False, help="A text, or policy data in JSON."),
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
    jsonl: Annotated[Path | None, typer.Option(help="Label many: a JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the labels of --jsonl go.")] = None,
    diff: Annotated[
        Path | None, typer.Option(help="Another directory of rules: show what it would change.")
    ] = None,
    lexicon: Directory = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Label a text, with the sentence that proves each label; needs no running service."""
    face = face_of(ctx)
    if (file is None) == (jsonl is None):
        raise WrongUse(face.words("label_what"))
    if jsonl is not None and out is None and diff is None:
        raise WrongUse(face.words("label_out"))
    if out is not None and _is_one_file(out, file or jsonl):
        raise WrongUse(face.words("label_over", file=out))
    labeller = _labeller(lexicon or _own_lexicon())
    if region and not labeller.knows_place(region):
        raise WrongUse(face.words("no_place", region=region))
    if jsonl is None:
        assert file is not None
        given = {"title": title, "issuer": issuer, "region": region, "publish_date": published}
        documents = iter([one_document(face, file, given)])
    else:
        documents = some_documents(face, jsonl)
    if diff is not None:
        compare(face, documents, labeller, _labeller(diff), as_json=as_json)
    elif out is not None:
        _write(face, list(documents), labeller, out)
    else:
        _show(face, next(documents), labeller, explain=explain, as_json=as_json)


def _show(face: Face, document: Document, labeller: Labeller, *, explain: bool, as_json: bool) -> None:
    explanation = labeller.explain(**document.labelled_by())
    facts = document.facts()
    if as_json:
        print_json(as_json_object(document.title, explanation, facts, everything=explain))
        return
    print_labelled(face, document, explanation.labels, facts, labeller.taxonomy)
    if explain:
        print_weighed(face, explanation, labeller)


def _write(face: Face, documents: list[Document], labeller: Labeller, out: Path) -> None:
    refused = [document for document in documents if document.problem]
    try:
        # Half a character is written as JSON writes it: \ud800.
        with out.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            hidden = not face.err.is_terminal
            for one in track(
                documents, face.words("labelling"), console=face.err, disable=hidden, transient=True
            ):
                if not one.problem:
                    labels = labeller.label(**one.labelled_by())
                    stream.write(as_row(one.id, labels, one.facts()) + "\n")
    except OSError as exc:
        raise CommandFailed(face.words("cannot_write", file=out, reason=exc.strerror)) from exc
    for one in refused:
        face.err.print(one.problem, style="red", markup=False)
    face.err.print(face.words("labelled", count=len(documents) - len(refused), file=out), markup=False)
    if refused:
        raise SomeRefused(face.words("some_refused", refused=len(refused), total=len(documents)))


def _is_one_file(out: Path, read: Path | None) -> bool:
    """Whether the labels would be written over what is read, by whatever name or link."""
    try:
        return read is not None and out.samefile(read)
    except OSError:  # one of them is not there yet
        return False


def _labeller(office: Path | None) -> Labeller:
    try:
        return Labeller(load_taxonomy(), load_lexicon(office=office))
    except TaxonomyDataError as exc:
        raise CommandFailed(str(exc)) from exc


def _own_lexicon() -> Path | None:
    try:
        return load_settings().lexicon
    except SettingsError as exc:
        raise CommandFailed(str(exc)) from exc
