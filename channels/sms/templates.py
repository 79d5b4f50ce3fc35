"""Templates as gateways have them registered: an id of theirs, and which of our values goes into which variable."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Filled:
    """A message as values: ``name`` is its occasion (``policy``, ``confirm`` …), ``values`` all that it can say."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Variable:
    """A gap of a registered template: its ``parameter`` there, our ``value``, and the ``most`` characters it takes."""

    parameter: str
    value: str
    most: int | None = None


@dataclass(frozen=True)
class Registered:
    """A template at a gateway; its variables are in the order in which the gateway counts them."""

    template_id: str
    variables: tuple[Variable, ...] = ()

    def parameters(self, filled: Filled) -> dict[str, str]:
        """Return what goes into each variable, cut to its length; in order, for gateways that number them."""
        return {one.parameter: _cut(filled.values[one.value], one.most) for one in self.variables}


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[: most - 1] + "…"
