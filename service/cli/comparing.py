"""The labels that other rules would give: which a document gains and loses, and by which rule."""

from collections.abc import Iterable
from pathlib import Path

from service.cli.documents import Document
from service.cli.doubts import tell
from service.cli.face import Face
from service.cli.failures import SomeRefused
from service.cli.show import print_json, print_rows
from streams.labelling import Label, Labeller

LOST, GAINED = "-", "+"
COLUMNS = ("id", "change", "label", "name", "rule", "quote")

Change = tuple[Document, str, Label]


def compare(
    face: Face,
    documents: Iterable[Document],
    ours: Labeller,
    other: Labeller,
    where: Path,
    *,
    as_json: bool,
) -> None:
    """Print the labels that the rules in the directory ``where`` would add and take away, document by document.

    Raises:
        SomeRefused: some documents could not be read; the others were compared.
    """
    changes: list[Change] = []
    count = changed = refused = 0
    for document in documents:
        tell(face, document)
        if document.problem:
            refused += 1
            continue
        found = _changes(document, ours, other)
        count, changed = count + 1, changed + bool(found)
        changes += found
    if as_json:
        print_json([_as_json(change, ours, other) for change in changes])
    else:
        versions = {"ours": ours.lexicon.version, "other": other.lexicon.version}
        face.out.print(
            face.words("label_diff", count=count, changed=changed, where=where, **versions), markup=False
        )
        if changes:
            heads = [face.words(f"col_{name}") for name in COLUMNS]
            rows = [dict(zip(heads, _cells(face, change, ours, other), strict=True)) for change in changes]
            print_rows(face, rows, heads)
    if refused:
        raise SomeRefused(face.words("some_refused", refused=refused, total=refused + count))


def _changes(document: Document, ours: Labeller, other: Labeller) -> list[Change]:
    before, after = (one.label(**document.labelled_by()) for one in (ours, other))
    found: list[Change] = []
    for sign, have, lack in ((LOST, before, after), (GAINED, after, before)):
        absent = {str(label) for label in lack}
        found += [(document, sign, label) for label in have if str(label) not in absent]
    return found


def _as_json(change: Change, ours: Labeller, other: Labeller) -> dict[str, str]:
    document, sign, label = change
    return {
        "id": document.id,
        "change": f"{sign}{label}",
        "name": _name(change, ours, other),
        "rule": label.rule,
        "quote": label.quote,
    }


def _cells(face: Face, change: Change, ours: Labeller, other: Labeller) -> list[str]:
    document, sign, label = change
    said = face.words("label_lost" if sign == LOST else "label_gained")
    return [document.id, said, str(label), _name(change, ours, other), label.rule, label.quote]


def _name(change: Change, ours: Labeller, other: Labeller) -> str:
    _, sign, label = change
    taxonomy = (ours if sign == LOST else other).taxonomy
    return taxonomy.name(label.dimension, label.code) or ""
