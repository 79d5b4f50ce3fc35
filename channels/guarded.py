"""What stands around a channel: each wrapper is a channel itself, and the house sees only the outermost."""

from channels.breaking import BreakingChannel
from channels.channel import Channel
from channels.far_side import FarSides
from channels.simulated import SimulatingChannel
from config.channels import ChannelSpec


def guarded(channel: Channel, spec: ChannelSpec, far_sides: FarSides) -> Channel:
    """Return ``channel`` with its guards.

    Args:
        channel: as its module opened it.
        spec: its line in the table; with ``one_far_side`` it gets a breaker.
        far_sides: what is known of them in this process.
    """
    if spec.one_far_side:
        channel = BreakingChannel(channel, far_sides.open(spec.name))
    if spec.address in ("email", "mobile"):
        channel = SimulatingChannel(channel)
    return channel
