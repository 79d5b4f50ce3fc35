"""What every step may use: the house's parts, handed in once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from channels.channel import Channel
from channels.guards.far_side import FarSides
from channels.retry import Schedules, shipped_schedules
from config.calendar import WorkingDays
from config.clock import Clock
from config.database import Record
from config.taxonomies import Taxonomy
from streams.campaigns.occasions import Occasions
from streams.followups.rules import FollowUpRules
from streams.labelling import Labeller, default_labeller
from streams.latecomers.windows import Windows
from streams.log import EventLog
from subscribers.contacts import Vault
from subscribers.tokens import Tokens


@dataclass(frozen=True)
class Desk:
    """Collaborators of the steps.

    Attributes:
        shards: how many there are, for ever.
        base_url: where recipients reach this service, without a slash at the end.
        lease: how long a claimed row is its sender's; far above what sending a chunk takes. After it the row is
            planned again, because its sender has vanished.
        lost_after: a hand-over or a shard's task that has shown nothing by then is made again.
        hold_uninterpreted: whether a policy that must be interpreted and is not is held back (rule 7).
        calendar: of working days.
        follow_ups: when what follows a release is due.
        occasions: what the rows of lately delivered campaigns share.
        windows: the pushes that who joins now still gets.
        labeller: reads the labels of a text.
        schedules: when what failed goes again.
        far_sides: what this process knows of the servers and gateways that channels send to.
        through: the channels by which something went since rows were last parked for them (`streams.delivery.parking`).
    """

    record: Record
    log: EventLog
    vault: Vault
    tokens: Tokens
    clock: Clock
    taxonomy: Taxonomy
    channels: Mapping[str, Channel]
    shards: int
    base_url: str
    lease: timedelta = timedelta(minutes=5)
    lost_after: timedelta = timedelta(minutes=5)
    hold_uninterpreted: bool = False
    calendar: WorkingDays = field(default_factory=WorkingDays)
    follow_ups: FollowUpRules = field(default_factory=FollowUpRules)
    occasions: Occasions = field(init=False)
    windows: Windows = field(default_factory=Windows)
    labeller: Labeller = field(default_factory=default_labeller)
    schedules: Schedules = field(default_factory=shipped_schedules)
    far_sides: FarSides = field(default_factory=FarSides)
    through: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Give the occasions the clock and the calendar of this desk."""
        object.__setattr__(self, "occasions", Occasions(self.clock, self.calendar))
