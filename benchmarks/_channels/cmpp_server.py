"""The tests' ISMG in a process of its own: takes everything, reports everything as delivered at once."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.servers.ismg import running_ismg


async def serve(port: int) -> None:
    async with running_ismg(port) as ismg:
        ismg.keep = False
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
