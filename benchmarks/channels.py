"""What leaves the house, per second: e-mail into smtp-sink, text messages over SMPP and CMPP until their last report.

Every channel is measured in turn with peers that were not written here, round after round in the same run; medians
count. ``of_peer`` is the share of what the peer does: `smtp-source` at as many connections, smpp34's own client, a
barer CMPP client. An SMPP or CMPP message is counted when its report was handed over; rows "through the ledger" have
the record behind them, where every commit is synced. ``load_before`` is the machine's when the part began: what runs
beside it takes from all of them.

Prints a table for each part and writes JSON. Run it with ``python benchmarks/channels.py [--only email|smpp|cmpp]
[--count 10000] [--rounds 3] [--json FILE]``; it needs Debian's postfix (smtp-sink, smtp-source), and for one far side
of SMPP npm's smpp (``make smsc``).
"""

import argparse
import asyncio
import json
import logging
import platform
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import structlog

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PARTS = ("email", "smpp", "cmpp")
COLUMNS = ("protocol", "far_side", "way", "messages", "rounds", "per_s", "of_peer", "load_before")
WORDS = frozenset({"protocol", "far_side", "way"})

Measure = Callable[[int, int], Awaitable[list[dict[str, Any]]]]


def part(name: str) -> Measure:
    """Return how a part measures: so many messages a round, so many rounds, a row for each way."""
    return cast(Measure, import_module(f"benchmarks._channels.{name}").measure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--count", type=int, default=10_000, help="messages a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/channels.json"))
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.getLogger().setLevel(logging.WARNING)
    found: list[dict[str, Any]] = []
    for name in [given.only] if given.only else PARTS:
        rows = asyncio.run(_measured(name, given.count, given.rounds))
        show(rows)
        found += rows
    told = {"python": platform.python_version(), "rows": found}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


async def _measured(name: str, count: int, rounds: int) -> list[dict[str, Any]]:
    return await part(name)(count, rounds)


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print a table with a heading."""
    table = [{name: _cell(row.get(name, "")) for name in COLUMNS} for row in rows]
    width = {name: max(len(name), *(len(row[name]) for row in table)) for name in COLUMNS}
    for row in [{name: name for name in COLUMNS}, *table]:
        cells = (
            row[name].ljust(width[name]) if name in WORDS else row[name].rjust(width[name])
            for name in COLUMNS
        )
        print("  ".join(cells).rstrip())
    print(flush=True)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
