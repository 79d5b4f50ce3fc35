"""Recipients that nobody is, as data: which addresses and numbers, and what becomes of what goes to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import tomli


@dataclass(frozen=True)
class Simulated:
    """One of them: ``outcome`` is a word of `channels.guards.simulated`; ``address`` and ``number`` are as stored."""

    address: str
    number: str
    outcome: str


@cache
def simulated_recipients() -> tuple[Simulated, ...]:
    """Return the table of ``config/simulated.toml``."""
    table = tomli.loads((files("config") / "simulated.toml").read_text(encoding="utf-8"))
    domain = table["domain"]
    return tuple(
        Simulated(f"{one['name']}@{domain}", one["number"], one["outcome"]) for one in table["recipient"]
    )


@cache
def simulated_outcomes() -> Mapping[str, str]:
    """Return the outcome of each address and number."""
    found = {one.address: one.outcome for one in simulated_recipients()}
    return MappingProxyType(found | {one.number: one.outcome for one in simulated_recipients()})


@cache
def simulated_numbers() -> frozenset[str]:
    """Return the numbers, E.164."""
    return frozenset(one.number for one in simulated_recipients())
