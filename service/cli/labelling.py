"""What ``zhengda label`` does once its options are sound: the rules are read, and one document or many labelled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

import config.taxonomies
from config.settings import SettingsError, load_settings
from config.taxonomies import TaxonomyDataError, load_lexicon, load_taxonomy
from service.cli.comparing import compare
from service.cli.documents import Document, some_documents
from service.cli.doubts import tell, with_doubts
from service.cli.face import Face
from service.cli.failures import CommandFailed, SomeRefused, WrongUse
from service.cli.labelled import print_labelled, print_weighed
from service.cli.onedocument import one_document
from service.cli.outputfile import is_standard_output, written
from service.cli.show import print_json
from streams.labelling import Labeller
from streams.labelling.rows import as_json_object, as_row

SHIPPED = Path(config.taxonomies.__file__).parent / "lexicon"


@dataclass(frozen=True)
class Asked:
    """What is to be labelled and what is wanted of it.

    Attributes:
        file: one document, or many, a JSON object a line.
        many: whether it is many.
        given: title, issuer, region and publish_date as they were said; they go before what stands in one document.
        lexicon: a directory of the office's own rules, None for ZHENGDA_LEXICON.
        out: where the labels of many go.
        diff: another directory of rules to compare with.
        explain: whether to tell what was not enough, too.
        as_json: whether to print JSON.
    """

    file: Path
    many: bool
    given: Mapping[str, str | None]
    lexicon: Path | None
    out: Path | None
    diff: Path | None
    explain: bool
    as_json: bool


def label_as_asked(face: Face, asked: Asked) -> None:
    """Label, and print or write the labels.

    Raises:
        CommandFailed: settings, rules or documents are wrong.
        SomeRefused: some of many could not be read; the others are labelled.
        WrongUse: there is no such file, or the region names no place.
    """
    labeller = _labeller(face, asked.lexicon or _own_lexicon())
    region = asked.given.get("region")
    if region and not labeller.knows_place(region):
        raise WrongUse(face.words("no_place", region=region))
    documents = _documents(face, asked, labeller)
    if asked.diff is not None:
        compare(face, documents, labeller, _labeller(face, asked.diff), asked.diff, as_json=asked.as_json)
    elif asked.out is not None:
        _write(face, list(documents), labeller, asked.out)
    else:
        _show(face, next(documents), labeller, explain=asked.explain, as_json=asked.as_json)


def _documents(face: Face, asked: Asked, labeller: Labeller) -> Iterator[Document]:
    if asked.many:
        return with_doubts(face, some_documents(face, asked.file), labeller.knows_place)
    return iter([one_document(face, asked.file, asked.given)])


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
        with written(out) as stream:
            hidden = not face.err.is_terminal
            for one in track(
                documents, face.words("labelling"), console=face.err, disable=hidden, transient=True
            ):
                if not one.problem:
                    labels = labeller.label(**one.labelled_by())
                    row = as_row(one.id, labels, one.facts()) + "\n"
                    stream.write(row.encode("utf-8", errors="backslashreplace"))
    except OSError as exc:
        raise CommandFailed(face.words("cannot_write", file=out, reason=exc.strerror)) from exc
    for one in documents:
        tell(face, one)
    if not is_standard_output(out):
        face.err.print(face.words("labelled", count=len(documents) - len(refused), file=out), markup=False)
    if refused:
        raise SomeRefused(face.words("some_refused", refused=len(refused), total=len(documents)))


def _labeller(face: Face, office: Path | None) -> Labeller:
    try:
        return Labeller(load_taxonomy(), load_lexicon(office=office))
    except TaxonomyDataError as exc:
        hint = face.words("rules_copied", directory=office) if office and _is_copy(office) else ""
        raise CommandFailed(f"{exc} {hint}".rstrip()) from exc


def _is_copy(office: Path) -> bool:
    """Whether a directory looks like the taxonomies or the lexicon that ship, copied whole."""
    shipped = {file.name for file in SHIPPED.glob("*.toml")}
    return (office / "taxonomy.toml").exists() or shipped <= {file.name for file in office.glob("*.toml")}


def _own_lexicon() -> Path | None:
    try:
        return load_settings().lexicon
    except SettingsError as exc:
        raise CommandFailed(str(exc)) from exc
