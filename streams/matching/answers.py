"""What the index answers: who wants a policy, why, and where it goes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from subscribers.addresses import SPACE

Contact = tuple[str, str]  # (channel, contact_id)
IN_SPACE: Contact = (SPACE, SPACE)


@dataclass(frozen=True, slots=True)
class Why:
    """One reason of a match."""

    subscription_id: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A subscriber who gets the policy: per contact the reasons that lead there."""

    subscriber_id: str
    routes: tuple[tuple[Contact, tuple[Why, ...]], ...]


@dataclass(frozen=True)
class Wanted:
    """Who wants a policy, to be counted. The three arrays go together.

    Attributes:
        people: (n,) uint32 ordinals, rising, each once. They are those of the index that was asked, and of no other.
        channels: (n,) uint8, `columns.CHANNEL_BITS` on which it would arrive: chosen by a wish that fits, and with a
            contact that may be pushed to.
        blocked: (n,) uint8, those that were chosen as well, but have nothing to push to. The columns ``no_consent``,
            ``suppressed`` and ``opted_out`` say why: what is in none of them has no contact at all.
    """

    people: NDArray[np.uint32]
    channels: NDArray[np.uint8]
    blocked: NDArray[np.uint8]
