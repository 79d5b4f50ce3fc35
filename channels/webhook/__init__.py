"""系统对接: signed requests (Standard Webhooks) to the spaces that parks and larger firms run themselves."""

import random

from channels.building import Building
from channels.channel import Channel
from channels.webhook.channel import Tested, WebhookChannel
from channels.webhook.places import open_networks
from channels.webhook.posting import Poster

__all__ = ["Tested", "WebhookChannel", "open_channel"]


def open_channel(building: Building) -> Channel:
    """Return the channel; it needs no far side of ours, every endpoint is a subscriber's own."""
    poster = Poster(open_networks(building.settings.webhook_allow), random.random)
    return WebhookChannel(building.record, poster, building.derive, building.real_clock)
