"""What a look at one thing on this machine found."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it is, and what to do."""

    name: str
    status: Status
    detail: str
    advice: str = ""
