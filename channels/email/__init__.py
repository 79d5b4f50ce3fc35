"""E-mail: a channel over any SMTP server, its connections, its messages and what its replies mean."""

from channels.building import Building
from channels.channel import Channel
from channels.email.channel import EmailChannel
from channels.email.smtp import SmtpServer

__all__ = ["EmailChannel", "SmtpServer", "open_channel"]


def open_channel(building: Building) -> Channel:
    """Return the channel over ZHENGDA_SMTP_URL, the sandbox where none is set."""
    settings = building.settings
    if settings.smtp_url is None:
        return building.sandbox("email")
    server = SmtpServer.from_url(settings.smtp_url)
    return EmailChannel(server, settings.mail_from, connections=settings.smtp_connections)
