"""Building the base of an index anew while it is asked and changed."""

import asyncio
from collections.abc import Iterable

from streams.matching.index import ShardIndex, built
from streams.matching.matter import Ancestors
from streams.matching.queries.queries import Queries
from subscribers.shards import IndexRow


class Compaction:
    """One building anew, in three steps: this, in the loop; `build`, in a thread; `finish`, in the loop again.

    Until then the old index is asked and changed as ever, and notes its changes. After `finish` the new one takes its
    place in the same breath; the old one may still be asked by who holds it, but must not be changed any more. Ordinals
    of the old one mean nothing to the new one.

    Args:
        index: the old one, which nobody else is about to build anew.

    Raises:
        RuntimeError: somebody is.
    """

    def __init__(self, index: ShardIndex) -> None:
        if index.noted is not None:
            raise RuntimeError("the index is being built anew already: finish or abandon that first")
        self._old = index
        self._queries = index.queries.successor()
        self._gather = index.register.gathering()
        self._renumbered = False
        self._new: ShardIndex | None = None
        index.noted = {}

    def build(self) -> ShardIndex:
        """Return the index as it stood, without delta: to be saved, if at all, before `finish` adds what changed."""
        self._new, self._renumbered = built(self._old.ancestors, self._gather, self._queries)
        return self._new

    def finish(self) -> ShardIndex:
        """Return the new index with all that changed meanwhile.

        Raises:
            RuntimeError: it is not built, or abandoned.
        """
        noted, new = self._old.noted, self._new
        if new is None or noted is None:
            raise RuntimeError("an index is finished once, after it was built")
        if not self._renumbered:
            new.queries.skip(self._old.queries)
        for subscriber_id, row in noted.items():
            if row is None:
                new.remove(subscriber_id)
            else:
                new.put(row)
        self._old.noted, self._new = None, None
        return new

    def abandon(self) -> None:
        """Let the old index go on alone; it stops noting its changes."""
        self._old.noted, self._new = None, None


async def compact(index: ShardIndex) -> ShardIndex:
    """Return the index with all in its base, built in a thread while the old one is asked and changed.

    What is awaited is to be put in the old one's place at once: ``held.index = await compact(held.index)``, not by way
    of a task of its own, in which a change to the old one could come in between and be lost.
    """
    work = Compaction(index)
    try:
        await asyncio.to_thread(work.build)
    except BaseException:
        work.abandon()
        raise
    return work.finish()


class Loading:
    """An index that is filled at one go: nothing of it is packed before all is there.

    Args:
        ancestors: of a code in a dimension.
    """

    def __init__(self, ancestors: Ancestors) -> None:
        self._index = ShardIndex(ancestors, queries=Queries(ancestors, asked=False))

    def add(self, row: IndexRow) -> None:
        """Take a subscriber; of one that comes twice the later counts."""
        self._index.put(row)

    def done(self) -> ShardIndex:
        """Return the index; takes as long as a few hundred rows a millisecond, in a thread if need be."""
        return self._index.compacted()


def index_of(rows: Iterable[IndexRow], ancestors: Ancestors) -> ShardIndex:
    """Return the index of rows."""
    loading = Loading(ancestors)
    for row in rows:
        loading.add(row)
    return loading.done()
