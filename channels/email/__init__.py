"""E-mail: a channel over any SMTP server, its connections, its messages and what its replies mean."""

from collections.abc import Callable
from functools import partial

from channels.building import Building
from channels.channel import Channel
from channels.email.bounces.rules import load_rules
from channels.email.channel import EmailChannel
from channels.email.dkim import DkimKeyError, Signer, load_signer
from channels.email.headers import split_sender
from channels.email.smtp import SmtpServer
from channels.email.verp import PURPOSE, return_path
from config.settings import Settings, SettingsError

__all__ = ["EmailChannel", "SmtpServer", "open_channel", "signer_of"]


def open_channel(building: Building) -> Channel:
    """Return the channel over ZHENGDA_SMTP_URL, the sandbox where none is set.

    Raises:
        SettingsError: ZHENGDA_SMTP_URL, ZHENGDA_MAIL_FROM or ZHENGDA_DKIM_KEY cannot be used.
        TaxonomyDataError: the office's own table of bounces is wrong.
    """
    settings = building.settings
    if settings.smtp_url is None:
        return building.sandbox("email")
    try:
        server = SmtpServer.from_url(settings.smtp_url)
    except ValueError as exc:
        raise SettingsError(f"ZHENGDA_SMTP_URL: {exc}") from exc
    return EmailChannel(
        server,
        settings.mail_from,
        connections=settings.smtp_connections,
        returns=_returns(building),
        signer=signer_of(settings),
        rules=load_rules(settings.mail_bounces),
    )


def signer_of(settings: Settings) -> Signer | None:
    """Return what signs mails by ZHENGDA_DKIM_KEY; None where it is not set.

    Raises:
        SettingsError: ZHENGDA_MAIL_FROM has no address, or the key cannot be used.
    """
    try:
        domain = split_sender(settings.mail_from)[1].rpartition("@")[2]
    except ValueError as exc:
        raise SettingsError(f"ZHENGDA_MAIL_FROM: {exc}") from exc
    if settings.dkim_key is None:
        return None
    try:
        return load_signer(settings.dkim_key, settings.dkim_domain or domain, settings.dkim_selector)
    except DkimKeyError as exc:
        raise SettingsError(f"ZHENGDA_DKIM_KEY: {exc}") from exc


def _returns(building: Building) -> Callable[[str], str] | None:
    """Return what names the envelope's sender of a delivery; None where bounces go to the sender's own address."""
    domain = building.settings.bounce_domain
    return None if domain is None else partial(return_path, domain=domain, key=building.derive(PURPOSE))
