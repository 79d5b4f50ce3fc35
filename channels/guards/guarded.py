"""What stands around a channel: each guard is a channel itself, and the house sees only the outermost."""

from collections.abc import Mapping
from dataclasses import dataclass

from channels.channel import Channel
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSides
from channels.guards.pace import Rate
from channels.guards.pacing import NO_FAMILIES, PacedChannel
from channels.guards.rates import Pace, Turns
from channels.guards.simulated import SimulatingChannel
from channels.outbox import SandboxChannel
from config.channels import ChannelSpec
from config.mail_domains import Family, load_mail_domains
from config.settings import Settings

LONGEST_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Guards:
    """The guards of this installation.

    Attributes:
        settings: messages per second, and the office's own mail domains.
        far_sides: what is known of them in this process.
        turns: where turns are given.
    """

    settings: Settings
    far_sides: FarSides
    turns: Turns

    def around(self, channel: Channel, spec: ChannelSpec) -> Channel:
        """Return ``channel`` with its guards; the sandbox, which has no far side, only has the simulated recipients.

        Raises:
            OfficeFileError: the office's mail domains are wrong.
        """
        families = load_mail_domains(self.settings.mail_domains) if spec.address == "email" else NO_FAMILIES
        if not isinstance(channel, SandboxChannel):
            channel = self._paced(channel, spec, families)
            if spec.one_far_side:
                channel = BreakingChannel(channel, self.far_sides.open(spec.name))
        if spec.address in ("email", "mobile"):
            channel = SimulatingChannel(channel)
        return channel

    def _paced(self, channel: Channel, spec: ChannelSpec, families: Mapping[str, Family]) -> Channel:
        per_second = {"email": self.settings.email_per_second, "sms": self.settings.sms_per_second}.get(
            spec.name
        )
        if per_second is None and not families:
            return channel
        patience_s = min(LONGEST_PATIENCE_S, self.settings.lease_s / 5)
        pace = Pace(spec.name, Rate(per_second), self.turns, patience_s) if per_second else None
        return PacedChannel(channel, self.turns, pace, families)
