"""What changed about subscribers is told to the shards; the record holds it already."""

from collections.abc import Sequence

from service.house import House
from streams.announcing import announce
from subscribers.model import Change


async def tell(house: House, changes: Sequence[Change]) -> None:
    """Announce ``changes`` as `announce` does: nothing is raised when the log or the record is away."""
    await announce(house.record, house.log, changes)
