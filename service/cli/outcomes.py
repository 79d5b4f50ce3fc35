"""What became of each event that ``zhengda publish`` was given, as far as it has come."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from service.cli.client import Away
from service.cli.failures import CommandFailed, OutOfTime, Refused, Unreachable, WrongUse
from service.cli.reading import Item

ANSWER_FIELDS = ("event_id", "source", "status", "reason", "policy_id", "revision")
UNAUTHORIZED = 401


@dataclass
class Outcome:
    """What became of one item; ``error`` is why it went no further."""

    item: Item
    answer: dict[str, Any] = field(default_factory=dict)
    funnel: dict[str, Any] | None = None
    error: str | None = None

    def printed(self) -> dict[str, Any]:
        """Return the fields that docs/faces.md promises."""
        known = {
            "event_id": self.item.event.get("id"),
            "source": self.item.event.get("source"),
            "status": "refused" if self.error else None,
            "reason": self.error,
            "policy_id": self.item.policy_id or None,
        }
        return {name: self.answer.get(name, known.get(name)) for name in ANSWER_FIELDS}


def alive(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return those of which nothing was refused or failed so far."""
    return [outcome for outcome in outcomes if outcome.error is None]


@contextmanager
def noting(outcome: Outcome) -> Iterator[None]:
    """Note on ``outcome`` what concerns it alone; let the rest through."""
    try:
        yield
    except (Away, OutOfTime, Unreachable, WrongUse):
        raise
    except Refused as exc:
        if exc.status == UNAUTHORIZED:
            raise
        outcome.error = str(exc)
    except CommandFailed as exc:
        outcome.error = str(exc)
