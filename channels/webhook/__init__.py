"""系统对接: signed requests (Standard Webhooks) to the spaces that parks and larger firms run themselves."""

import random

from channels.building import Building
from channels.channel import Channel
from channels.message import Message
from channels.webhook.channel import Tested, WebhookChannel
from channels.webhook.payload import payload
from channels.webhook.places import open_networks
from channels.webhook.posting import Poster
from channels.webhook.signing import Derive
from config.clock import Clock
from config.database import Record
from config.settings import Settings

__all__ = ["Tested", "WebhookChannel", "open_channel", "webhook_channel", "written"]


def open_channel(building: Building) -> Channel:
    """Return the channel; it needs no far side of ours, every endpoint is a subscriber's own."""
    return webhook_channel(building.settings, building.record, building.derive, building.real_clock)


def webhook_channel(settings: Settings, record: Record, derive: Derive, real_clock: Clock) -> WebhookChannel:
    """Return one of these channels by itself, for who tests endpoints."""
    return WebhookChannel(
        record, Poster(open_networks(settings.webhook_allow), random.random), derive, real_clock
    )


def written(message: Message) -> str:
    """Return what an endpoint gets of a message, JSON; see `channels.writing.shown.Writes`."""
    return payload(message).decode()
