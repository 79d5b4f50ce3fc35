"""The channels, one line each: whatever lists them reads this table. How one is added: docs/adding-a-channel.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class ChannelSpec:
    """What the house has to know of a channel that nobody else does.

    Attributes:
        name: in records, topics and the API; ``channels.<name>`` is its module, which has ``open_channel``.
        title: as people read it.
        address: what one writes to there (`subscribers.addresses`); "" where none is needed.
        retries: the name of its retry table (`channels.retry`).
        noisy: whether it is heard when something comes: then it waits for quiet hours to end, and for the digest of
            who wants one.
        one_far_side: whether everything of it goes to one server, so that one breaker serves it
            (`channels.guards.breaking`).
        asked: whether the holder of an address can be asked there, by a link or a code, to confirm it.
    """

    name: str
    title: str
    address: Literal["", "email", "mobile", "url"]
    retries: str
    noisy: bool = True
    asked: bool = False
    one_far_side: bool = False


# The place of a line is a bit in the snapshots of the index (`streams.matching.people.columns`): only ever append.
CHANNELS: tuple[ChannelSpec, ...] = (
    ChannelSpec("space", "企业专属空间", address="", retries="space", noisy=False),
    ChannelSpec("email", "电子邮件", address="email", retries="email", asked=True, one_far_side=True),
    ChannelSpec("sms", "短信", address="mobile", retries="sms", asked=True),
    # It wakes nobody: a machine takes it, and shows it when somebody looks.
    ChannelSpec("webhook", "系统对接", address="url", retries="webhook", noisy=False),
)

NAMES: tuple[str, ...] = tuple(spec.name for spec in CHANNELS)
TITLES: Mapping[str, str] = MappingProxyType({spec.name: spec.title for spec in CHANNELS})
NOISY: frozenset[str] = frozenset(spec.name for spec in CHANNELS if spec.noisy)
RETRIES: Mapping[str, str] = MappingProxyType({spec.name: spec.retries for spec in CHANNELS})
