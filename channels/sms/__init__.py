"""Text messages: a channel over a Kannel-compatible gateway, its reports and replies, and how long a text is."""

from channels.building import Building
from channels.channel import Channel
from channels.sms.channel import KannelChannel
from channels.sms.gateway import KannelGateway
from channels.sms.links import PURPOSE, SmsLinks

__all__ = ["KannelChannel", "KannelGateway", "SmsLinks", "open_channel"]


def open_channel(building: Building) -> Channel:
    """Return the channel over ZHENGDA_SMS_URL, the sandbox where none is set."""
    settings = building.settings
    if settings.sms_url is None:
        return building.sandbox("sms")
    links = SmsLinks(settings.base_url, building.derive(PURPOSE))
    return KannelChannel(KannelGateway.from_url(settings.sms_url), links, settings.sms_signature)
