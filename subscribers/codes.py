"""Types for codes of the taxonomies: whoever writes an unknown one is told the nearest real one and its name."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from config.taxonomies import UnknownLabelError, load_taxonomy
from subscribers.nearest import unknown_code


def check_code(dimension: str, code: str) -> str:
    """Return ``code`` if the dimension has it.

    Raises:
        UnknownLabelError: (a ValueError) it has not; the message names the nearest one, by code or by name.
    """
    wanted = code.strip()
    if not load_taxonomy().exists(dimension, wanted):
        raise UnknownLabelError(unknown_code(dimension, wanted))
    return wanted


def _of(dimension: str) -> Callable[[str], str]:
    return lambda code: check_code(dimension, code)


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``values`` sorted, each once."""
    return tuple(sorted(set(values)))


Region = Annotated[str, AfterValidator(_of("region"))]
Theme = Annotated[str, AfterValidator(_of("theme"))]
Kind = Annotated[str, AfterValidator(_of("kind"))]
Instrument = Annotated[str, AfterValidator(_of("instrument"))]
Industry = Annotated[str, AfterValidator(_of("industry"))]
Subject = Annotated[str, AfterValidator(_of("subject"))]
Size = Annotated[str, AfterValidator(_of("size"))]
Qualification = Annotated[str, AfterValidator(_of("qualification"))]
Group = Annotated[str, AfterValidator(_of("group"))]
Action = Annotated[str, AfterValidator(_of("action"))]
