"""Types for codes of the taxonomies: whoever writes an unknown one is told the nearest real one and its name."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from config.taxonomies import load_taxonomy
from subscribers.words.plainly import UNKNOWN_CODE

CODE_SHOWN = 80  # characters of a wrong one


def _of(dimension: str) -> Callable[[str], str]:
    def check(code: str) -> str:
        taxonomy = load_taxonomy()
        wanted = taxonomy.current(dimension, code.strip())
        if not taxonomy.exists(dimension, wanted):
            # The nearest one is looked for where the error is told, so that many wrong codes cost no more than one.
            wrong = {"dimension": dimension, "code": wanted[:CODE_SHOWN].encode(errors="replace").decode()}
            raise PydanticCustomError(UNKNOWN_CODE, "unknown code {dimension}:{code}", wrong)
        return wanted

    return check


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
