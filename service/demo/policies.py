"""Twelve policies of different kinds, dated around today so that their application windows are open.

In ``policies.jsonl`` each line is policy data; ``days`` gives every date as days from today, and texts name these dates
by ``{publish}``, ``{opens}``, ``{closes}``, ``{effective}``, ``{until}`` and ``{year}``.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("policies.jsonl")
_NAMES = {
    "publish_date": "publish",
    "apply_window.opens": "opens",
    "apply_window.closes": "closes",
    "effective_date": "effective",
    "valid_until": "until",
}


def demo_policies(today: date) -> list[dict[str, Any]]:
    """Return the policies as the data of ``policy.published`` events (JSON values), oldest first."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    dated = [_dated(json.loads(line), today) for line in lines if line]
    return sorted(dated, key=lambda policy: str(policy["publish_date"]))


def _dated(policy: dict[str, Any], today: date) -> dict[str, Any]:
    days = {name: today + timedelta(days=offset) for name, offset in policy.pop("days").items()}
    words = {_NAMES[name]: _chinese(day) for name, day in days.items() if name in _NAMES}
    filled: dict[str, Any] = _fill(policy, words | {"year": str(days["publish_date"].year)})
    for name, day in days.items():
        outer, _, inner = name.partition(".")
        if inner:
            filled.setdefault(outer, {})[inner] = day.isoformat()
        else:
            filled[outer] = day.isoformat()
    return filled


def _fill(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(words)
    if isinstance(value, list):
        return [_fill(item, words) for item in value]
    if isinstance(value, dict):
        return {name: _fill(item, words) for name, item in value.items()}
    return value


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
