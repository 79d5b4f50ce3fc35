"""The labels that the service answers, as a table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.cli.face import Face
from service.cli.show import print_named


def print_labels(face: Face, labels: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print the ``columns`` of labels under their name, with heads in the caller's language.

    A label without a quote has a dash there: not the text but its rule (`title:...`) or who gave it says why.
    """
    heads = {name: face.words(f"col_{name}") for name in columns}
    rows = [{head: one.get(name) or None for name, head in heads.items()} for one in labels]
    print_named(face, "labels", rows, list(heads.values()))
