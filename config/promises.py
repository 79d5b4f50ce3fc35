"""What the house promises of a push, as data: how soon a message is sent and delivered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.channels import NAMES
from config.durations import duration
from config.office_file import OfficeFileError, office_tables, read_each, shipped_tables

KEYS = {"sent_within", "delivered_within", "share"}
FAR_SIDE = "far_side"
EXAMPLE = '[email] / sent_within = "1h" / share = 0.95'


@dataclass(frozen=True)
class Promise:
    """Of a channel: ``share`` (0 to 1) of a campaign's messages are in time; None: nothing is heard of deliveries."""

    sent_within: timedelta
    delivered_within: timedelta | None
    share: float


@dataclass(frozen=True)
class Promises:
    """By channel; and how long a far side may be down before the operator is told."""

    channels: Mapping[str, Promise]
    down_for: timedelta


def load_promises(office: Path | None = None) -> Promises:
    """Return the shipped promises, with those of the office's own file in place of theirs.

    Raises:
        OfficeFileError: that file is missing or wrong.
    """
    tables, file = shipped_tables("promises.toml"), "promises.toml"
    if office is not None:
        own, file = office_tables(office, "ZHENGDA_PROMISES", EXAMPLE), str(office)
        tables |= own
    read = read_each(tables, lambda name, table: _read(name, table, file))
    down_for = read[FAR_SIDE]
    assert isinstance(down_for, timedelta)  # as `_read` returns it for this name
    return Promises(
        {name: one for name in NAMES if isinstance(one := read.get(name), Promise)},
        down_for,
    )


def _read(name: str, table: Any, file: str) -> Promise | timedelta:
    place = f"{file}: [{name}]"
    if name == FAR_SIDE:
        return _down_for(table, place)
    if name not in NAMES:
        raise OfficeFileError(f"{place} is no channel, use one of {', '.join((*NAMES, FAR_SIDE))}")
    return _promise(table, place)


def _promise(table: Any, place: str) -> Promise:
    if not isinstance(table, Mapping) or not {"sent_within", "share"} <= table.keys() <= KEYS:
        raise OfficeFileError(
            f"{place}: it has sent_within and share, and may have delivered_within, nothing else"
        )
    share = table["share"]
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise OfficeFileError(f"{place}: share is a number above 0, at most 1, e.g. 0.95")
    delivered = table.get("delivered_within")
    return Promise(
        _long(table["sent_within"], place, "sent_within"),
        None if delivered is None else _long(delivered, place, "delivered_within"),
        float(share),
    )


def _down_for(table: Any, place: str) -> timedelta:
    if not isinstance(table, Mapping) or table.keys() != {"down_for"}:
        raise OfficeFileError(f"{place}: it has down_for and nothing else, e.g. down_for = '2m'")
    return _long(table["down_for"], place, "down_for")


def _long(text: Any, place: str, name: str) -> timedelta:
    found = duration(text)
    if found is None:
        raise OfficeFileError(
            f"{place}: {name}: {text!r} is no duration; write 30s, 5m, 4h or 2d, at most 30d"
        )
    return found
