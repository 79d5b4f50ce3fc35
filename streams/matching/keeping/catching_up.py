"""How an index that was up to date once, in this process or before its snapshot, takes what it missed since."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.matching.keeping.held import Held, Stretch
from streams.matching.keeping.loaded import Loaded
from subscribers.shards import load_shard
from subscribers.stamps import Stamp, stamps, stamps_of, total

# People whose total is compared at once: to ask costs as much as to list a hundred of them.
WIDE, PAGE = 4096, 512
AT_ONCE = 500  # are taken out before others get a turn


async def missed(conn: AsyncConnection, shard: int, held: Held) -> tuple[dict[str, Stamp], set[str]]:
    """Compare what is held with the record.

    Where the totals of the shard agree nothing was missed, and the record's index alone has been asked. Where not, the
    stretches are found that do not agree, and only their stamps are compared one by one.

    Returns:
        The stamps, as they are now, of who changed; and who is gone.
    """
    if await total(conn, shard) == held.total():
        return {}, set()
    changed: dict[str, Stamp] = {}
    gone: set[str] = set()
    unseen = dict(held.new)
    async for page in _differing(conn, shard, held):
        known = held.stamps(page.places)
        async for listed in stamps(conn, shard, page.first, page.end):
            for who, stamp in listed:
                if stamp != known.pop(who, None) and stamp != unseen.get(who):
                    changed[who] = stamp
                unseen.pop(who, None)
        gone |= known.keys()
    left = await stamps_of(conn, unseen)
    changed |= {who: stamp for who, stamp in left.items() if stamp != unseen[who]}
    return changed, gone | (unseen.keys() - left.keys())


async def _differing(conn: AsyncConnection, shard: int, held: Held) -> AsyncIterator[Stretch]:
    for wide in held.stretches(WIDE):
        if await total(conn, shard, wide.first, wide.end) == wide.total:
            continue
        for page in held.stretches(PAGE, wide.places):
            if await total(conn, shard, page.first, page.end) != page.total:
                yield page


async def take(
    conn: AsyncConnection, shard: int, into: Loaded, changed: Mapping[str, Stamp], gone: Collection[str]
) -> None:
    """Read who changed into the index and take out who is gone; cut off, it is as if nothing had been read."""
    out = {*changed, *gone}
    # Another index may take the place of this one in between, so it is asked for each time.
    async for row in load_shard(conn, shard, ids=changed):
        into.index.put(row)
        out.discard(row.subscriber_id)
    for count, who in enumerate(out, 1):
        into.index.remove(who)
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
    into.held.take(changed, gone)
