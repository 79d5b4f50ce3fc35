"""The one document of ``zhengda label FILE``: a text, or policy data in JSON, told apart by content and name."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from service.cli.documents import Document, document_of
from service.cli.face import Face
from service.cli.failures import CommandFailed
from service.cli.textfile import text_of
from streams.events.policy_data import given_labels

_HALVES = re.compile("[\ud800-\udfff]")
# How JSON begins and prose does not: {" or [{ or ["; and what stands in braces from its first to its last character.
_BEGUN = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{\"])")
_ENCLOSED = re.compile(r"\s*\{.*\}\s*\Z", re.DOTALL)


def one_document(face: Face, file: Path, given: Mapping[str, str | None]) -> Document:
    """The document in a text file (UTF-8 or GB 18030) or in policy data or a CloudEvent in JSON.

    Where it has no text, standard error says so: what is read then comes from its other fields alone.

    Args:
        face: says what is wrong.
        file: where it is.
        given: title, issuer, region and publish_date from the command line; what is given wins.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text, or JSON that holds no policy.
    """
    text = text_of(face, file)
    found = {name: _printable(value) for name, value in _fields(face, file, text).items()}
    merged = found | {name: value for name, value in given.items() if value is not None}
    document = document_of(merged, file.stem)
    if document.problem:
        raise CommandFailed(face.words("file_refused", file=file, reason=document.problem))
    if not document.body.strip():
        face.err.print(face.words("no_text", file=file), style="yellow", markup=False)
    number = merged.get("doc_number")
    return replace(document, doc_number=number if isinstance(number, str) and number else None)


def _fields(face: Face, file: Path, text: str) -> dict[str, Any]:
    """The fields of policy data; of a text the text alone.

    Raises:
        CommandFailed: it is meant as JSON and is broken, no object, or without a text.
    """
    meant = file.suffix.lower() == ".json" and bool(text.strip())
    if not meant and text.lstrip()[:1] not in ("{", "["):
        return {"text": text}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        if not (meant or _BEGUN.match(text) or _ENCLOSED.match(text)):
            return {"text": text}  # 【…】 is written [附件] as well
        raise CommandFailed(_what_is_wrong(face, file, exc)) from exc
    if not isinstance(value, dict):
        raise CommandFailed(face.words("not_object", where=file))
    data = value["data"] if isinstance(value.get("data"), dict) else value
    if not ("body" in data or "text" in data):
        raise CommandFailed(face.words("no_body", file=file))
    stated = data.get("labels") or []
    return data | {"labels": given_labels(data)} if isinstance(stated, list) else data


def _what_is_wrong(face: Face, file: Path, exc: Exception) -> str:
    if isinstance(exc, json.JSONDecodeError) and exc.msg == "Extra data":
        return face.words("many_documents", file=file)
    return face.words("not_json", where=file, reason=exc)


def _printable(value: Any) -> Any:
    """Half a character, as a JSON escape may hold one, cannot be shown; another takes its place."""
    return _HALVES.sub("\ufffd", value) if isinstance(value, str) else value
