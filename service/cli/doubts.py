"""What is doubtful about one of many documents, though it can be labelled: it is told, and the document labelled."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from service.cli.documents import Document
from service.cli.face import Face


def with_doubts(
    face: Face, documents: Iterable[Document], knows_place: Callable[[str], bool]
) -> Iterator[Document]:
    """Yield the documents, each with what is doubtful about it: a region that is none, an id that was there before.

    Args:
        face: has the words.
        documents: as they were read; those with a problem are passed on as they are.
        knows_place: whether a region names a place.
    """
    first: dict[str, int] = {}
    for one in documents:
        if one.problem:
            yield one
            continue
        said = []
        if one.region and not knows_place(one.region):
            said.append(face.words("doubt_region", region=one.region))
        if first.setdefault(one.id, one.line) != one.line:
            said.append(face.words("doubt_id", id=one.id, line=first[one.id]))
        yield replace(
            one, doubts=tuple(face.words("line_refused", line=one.line, reason=why) for why in said)
        )


def tell(face: Face, document: Document) -> None:
    """Print on standard error why a document could not be read, or what is doubtful about it."""
    if document.problem:
        face.err.print(document.problem, style="red", markup=False)
    for doubt in document.doubts:
        face.err.print(doubt, style="yellow", markup=False)
