"""What a channel may be built from, and how it is: by ``open_channel`` of its module."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from redis.asyncio import Redis

from channels.channel import Channel
from channels.guards.far_side import FarSides
from channels.guards.guarded import Guards
from channels.guards.rates import Turns
from channels.heard import Heard
from channels.outbox import SandboxChannel
from channels.standing import StandingLine
from config.channels import CHANNELS, ChannelSpec
from config.clock import Clock
from config.database.record import Record
from config.settings import Settings

Announce = Callable[[Sequence[str]], Awaitable[None]]


@dataclass(frozen=True)
class Building:
    """The parts of the house that channels may use; nothing is opened by handing them over.

    Attributes:
        settings: of the installation.
        record: the database.
        clock: domain time, which may be simulated.
        real_clock: the operating system's, for what the far side compares with its own.
        redis: None where there is none; never needed for a message to go or not to go twice.
        announce: told the subscribers whose inbox changed.
        far_sides: those of this process, each with its breaker: gateways take theirs by name (``sms:kannel``).
        derive: 32 bytes for a purpose, always the same for this installation.
        heard: takes what far sides tell later.
        standing: what channels do beside sending: each that does anything adds itself.
    """

    settings: Settings
    record: Record
    clock: Clock
    real_clock: Clock
    redis: Redis | None
    announce: Announce
    derive: Callable[[str], bytes]
    heard: Heard
    standing: list[StandingLine] = field(default_factory=list)
    far_sides: FarSides = field(default_factory=FarSides)

    @cached_property
    def turns(self) -> Turns:
        """Messages per second, kept together by all workers: gateways with a rate make a `Pace` of it."""
        return Turns(self.redis)

    def sandbox(self, name: str) -> Channel:
        """Return what stands in for a channel that has no far side yet."""
        return SandboxChannel(
            name,
            outbox_directory(self.settings),
            self.settings.sms_signature,
            shows_secrets=self.settings.demo,
        )


class OpensChannel(Protocol):
    """The module of a channel."""

    def open_channel(self, building: Building) -> Channel:
        """Return the channel; nothing is connected before its first message."""
        ...


def outbox_directory(settings: Settings) -> Path:
    """Return where sandbox channels write."""
    return settings.data / "outbox"


def open_channels(building: Building, specs: Sequence[ChannelSpec] = CHANNELS) -> dict[str, Channel]:
    """Return every channel of the table by its name."""
    opened = {spec: _module(spec.name).open_channel(building) for spec in specs}
    guards = Guards(building.settings, building.far_sides, building.turns)
    return {spec.name: guards.around(one, spec) for spec, one in opened.items()}


def _module(name: str) -> OpensChannel:
    return cast(OpensChannel, import_module(f"channels.{name}"))
