"""A plain mail of the service's own, to its operator: no template, no unsubscribe link, one connection."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid

from channels.email.headers import split_sender
from channels.email.smtp import Pool, SmtpServer
from channels.errors import TransportError
from channels.message import Receipt
from config.logging import get_logger

log = get_logger(__name__)


async def send_plain(server: SmtpServer, sender: str, recipient: str, subject: str, text: str) -> bool:
    """Send a mail; returns whether the server took it.

    Args:
        server: from ``SmtpServer.from_url``.
        sender: ``name <address>``.
        recipient: an address in ASCII.
        subject: one line.
        text: of the mail.
    """
    name, address = split_sender(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = formataddr((name, address)), recipient, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, charset="utf-8", cte="base64")
    pool = Pool(server, 1)
    try:
        async with pool.connection() as connection:
            outcome = await connection.deliver(address, recipient, mail.as_bytes())
    except TransportError as exc:
        outcome = exc
    finally:
        await pool.close()
    if not isinstance(outcome, Receipt):
        log.warning("alert.not_written", why=str(outcome)[:300])
    return isinstance(outcome, Receipt)
