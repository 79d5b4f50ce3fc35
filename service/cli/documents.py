"""What is to be labelled: a document, and many of them from a file of one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from config.calendar import WorkingDays
from config.taxonomies import UnknownLabelError, parse_label
from service.cli.face import Face
from service.cli.textfile import text_of
from streams.labelling.facts import Facts, read_facts
from streams.labelling.opening import guess_title


@dataclass(frozen=True)
class Document:
    """One document; ``line`` is where it stood among many, 0 where it is the only one.

    ``problem`` says why its line could not be read, ``doubts`` what was read and is probably not meant.
    """

    id: str
    title: str = ""
    body: str = ""
    issuer: str = ""
    region: str | None = None
    publish_date: date | None = None
    doc_number: str | None = None
    labels: tuple[str, ...] = ()
    problem: str = ""
    line: int = 0
    doubts: tuple[str, ...] = ()

    def labelled_by(self) -> dict[str, Any]:
        """The arguments of `Labeller.label` and `Labeller.explain`."""
        return {
            "title": self.title,
            "body": self.body,
            "issuer": self.issuer,
            "region_hint": self.region,
            "given": self.labels,
        }

    def facts(self) -> Facts:
        """What its text says of numbers and dates, as at the labelling in the service."""
        return read_facts(
            title=self.title,
            body=self.body,
            publish_date=self.publish_date,
            doc_number=self.doc_number,
            calendar=WorkingDays(),
        )


def some_documents(face: Face, file: Path) -> Iterator[Document]:
    """Yields the documents of a JSONL file with ``id``, ``title``, ``text``, ``issuer``, ``publish_date``, ``region``.

    All but the id may be null or left out; ``body`` is taken for ``text``. ``-`` is the standard input.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text.
    """
    for number, line in enumerate(text_of(face, file).split("\n"), 1):
        if not line.strip():
            continue
        where = face.words("line", line=number)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as exc:
            yield Document("", problem=face.words("not_json", where=where, reason=exc))
            continue
        if not isinstance(row, dict):
            yield Document("", problem=face.words("not_object", where=where))
            continue
        if row.get("id") in (None, ""):
            yield Document("", problem=face.words("line_refused", line=number, reason="id: missing"))
            continue
        found = document_of(row, str(row["id"]))
        if found.problem:
            found = Document(found.id, problem=face.words("line_refused", line=number, reason=found.problem))
        yield replace(found, line=number)


def document_of(row: Mapping[str, Any], name: str) -> Document:
    """The document that a JSON object holds, called ``name``; its ``problem`` says what is wrong with it."""
    body = row.get("text") or row.get("body") or ""
    texts = {key: row.get(key) or "" for key in ("title", "issuer", "region")}
    day: date | None = None
    try:
        day = date.fromisoformat(str(row["publish_date"])[:10]) if row.get("publish_date") else None
    except ValueError:
        return Document(name, problem=f"publish_date: {row['publish_date']!r} is no day such as 2026-03-01")
    for key, value in {**texts, "text": body}.items():
        if not isinstance(value, str):
            return Document(name, problem=f"{key}: expected a text")
    labels = row.get("labels") or []
    if not isinstance(labels, list):
        return Document(name, problem='labels: expected a list such as ["industry:I65"]')
    try:
        given = tuple(str(parse_label(str(label))) for label in labels)
    except UnknownLabelError as exc:
        return Document(name, problem=f"labels: {exc}")
    return Document(
        id=name,
        title=texts["title"] or guess_title(body),
        body=body,
        issuer=texts["issuer"],
        region=texts["region"] or None,
        publish_date=day,
        labels=given,
    )
