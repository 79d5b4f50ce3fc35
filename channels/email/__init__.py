"""E-mail: a channel over any SMTP server, its connections, its messages and what its replies mean."""

from channels.email.channel import EmailChannel
from channels.email.smtp import SmtpServer

__all__ = ["EmailChannel", "SmtpServer"]
