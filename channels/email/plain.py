"""A plain mail of the service's own, to its operator: no template, no unsubscribe link, one connection."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid

from channels.email.dkim import Signer, fixed_headers
from channels.email.headers import split_sender
from channels.email.smtp import Pool, SmtpServer
from channels.errors import TransportError
from channels.message import Receipt
from config.logging import get_logger

log = get_logger(__name__)

FIELD = re.compile(r"\r\n(?![ \t])")  # a field goes on in lines that begin with a blank


async def send_plain(
    server: SmtpServer,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    *,
    signer: Signer | None = None,
) -> bool:
    """Send a mail; returns whether the server took it.

    Args:
        server: from ``SmtpServer.from_url``.
        sender: ``name <address>``.
        recipient: an address in ASCII.
        subject: one line.
        text: of the mail.
        signer: signs it, as every mail.
    """
    name, address = split_sender(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = formataddr((name, address)), recipient, subject
    mail["Date"], mail["Message-ID"] = (
        formatdate(localtime=True),
        make_msgid(domain=address.rpartition("@")[2]),
    )
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, charset="utf-8", cte="base64")
    pool = Pool(server, 1)
    try:
        async with pool.connection() as connection:
            outcome = await connection.deliver(address, recipient, _signed(mail.as_bytes(), signer))
    except TransportError as exc:
        outcome = exc
    finally:
        await pool.close()
    if not isinstance(outcome, Receipt):
        log.warning("alert.not_written", why=str(outcome)[:300])
    return isinstance(outcome, Receipt)


def _signed(mail: bytes, signer: Signer | None) -> bytes:
    if signer is None:
        return mail
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = FIELD.split(head.decode("ascii"))
    own = [(name, value) for name, _, value in (field.partition(":") for field in fields)]
    return signer.header(own, fixed_headers(()), body) + mail
