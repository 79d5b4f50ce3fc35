"""What is to be labelled: a text file, policy data in JSON, or many documents, one JSON object a line."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from config.calendar import WorkingDays
from config.taxonomies import UnknownLabelError, parse_label
from service.cli.face import Face
from service.cli.failures import CommandFailed, WrongUse
from streams.events import given_labels
from streams.labelling.facts import Facts, read_facts
from streams.labelling.opening import guess_title

_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Document:
    """One document; ``problem`` says why its line could not be read."""

    id: str
    title: str = ""
    body: str = ""
    issuer: str = ""
    region: str | None = None
    publish_date: date | None = None
    doc_number: str | None = None
    labels: tuple[str, ...] = ()
    problem: str = ""

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
            issuer=self.issuer,
            publish_date=self.publish_date,
            doc_number=self.doc_number,
            calendar=WorkingDays(),
        )


def one_document(face: Face, file: Path, given: Mapping[str, str | None]) -> Document:
    """The document in a text file (UTF-8 or GB 18030) or in policy data or a CloudEvent in JSON.

    Args:
        face: says what is wrong.
        file: where it is.
        given: title, issuer, region and publish_date from the command line; what is given wins.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text.
    """
    if not file.is_file():
        raise WrongUse(face.words("no_file", file=file))
    text = _text(face, file)
    found: dict[str, Any] = {
        name: _printable(value) for name, value in (_policy_data(text) or {"text": text}).items()
    }
    merged = found | {name: value for name, value in given.items() if value is not None}
    document = _document(merged, file.stem)
    if document.problem:
        raise CommandFailed(face.words("file_refused", file=file, reason=document.problem))
    number = merged.get("doc_number")
    return replace(document, doc_number=number if isinstance(number, str) and number else None)


def some_documents(face: Face, file: Path) -> Iterator[Document]:
    """Yields the documents of a JSONL file with ``id``, ``title``, ``text``, ``issuer``, ``publish_date``, ``region``.

    All but the id may be null or left out; ``body`` is taken for ``text``.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text.
    """
    if not file.is_file():
        raise WrongUse(face.words("no_file", file=file))
    for number, line in enumerate(_text(face, file).split("\n"), 1):
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
        found = _document(row, str(row["id"]))
        if found.problem:
            found = Document(found.id, problem=face.words("line_refused", line=number, reason=found.problem))
        yield found


def _document(row: Mapping[str, Any], name: str) -> Document:
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


def _printable(value: Any) -> Any:
    """Half a character, as a JSON escape may hold one, cannot be shown; another takes its place."""
    return _HALVES.sub("\ufffd", value) if isinstance(value, str) else value


def _policy_data(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    data = value.get("data", value)
    if not isinstance(data, dict) or not ("body" in data or "text" in data):
        return None
    stated = data.get("labels") or []
    return data | {"labels": given_labels(data)} if isinstance(stated, list) else data


def _text(face: Face, file: Path) -> str:
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandFailed(face.words("not_utf8", where=file))
