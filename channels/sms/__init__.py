"""Text messages: a channel over a Kannel-compatible gateway, its reports and replies, and how long a text is."""

from channels.sms.channel import KannelChannel
from channels.sms.gateway import KannelGateway
from channels.sms.links import SmsLinks

__all__ = ["KannelChannel", "KannelGateway", "SmsLinks"]
