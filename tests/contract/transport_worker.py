"""Run as a program: url group topic out. Appends each event's value to `out`, slowly; ended by a kill."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from faust.types import EventT

from tests.contract.transport_bench import reading


async def main(url: str, group: str, topic: str, out: Path) -> None:
    with out.open("a", buffering=1) as lines:

        async def write(event: EventT) -> None:
            lines.write(event.value.decode() + "\n")
            await asyncio.sleep(0.002)

        async with reading(url, group, topic, out.with_suffix(".data"), write):
            await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
