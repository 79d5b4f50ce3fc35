"""Text messages: one channel over an ordered list of gateways, their reports and replies, and how long a text is."""

from functools import lru_cache
from pathlib import Path

from channels.building import Building
from channels.channel import Channel
from channels.guards.pace import Rate
from channels.guards.rates import Pace
from channels.heard import Deaf
from channels.sms.channel import SmsChannel
from channels.sms.codes import Codes, load_codes
from channels.sms.gateways import SCHEMES, open_gateway
from channels.sms.gateways.gateway import Gateway, GatewayBuilding
from channels.sms.links import PURPOSE, SmsLinks
from channels.sms.templates import Registered, load_templates
from channels.sms.way import Way
from config.settings import Settings, SettingsError
from config.sms_urls import SmsUrl, sms_urls

__all__ = ["SCHEMES", "SmsChannel", "SmsLinks", "codes_of", "open_channel", "opened_for_check"]

LONGEST_PATIENCE_S = (
    30.0  # that a batch may take on account of one gateway's pace; its claim lasts far longer
)


def open_channel(building: Building) -> Channel:
    """Return the channel over ZHENGDA_SMS_URL, the sandbox where none is set.

    Raises:
        SettingsError: a URL is wrong; the message says how, without its password.
        OfficeFileError: the office's own file of codes or of templates is wrong.
    """
    settings = building.settings
    if settings.sms_url is None:
        return building.sandbox("sms")
    urls = sms_urls(settings.sms_url)
    codes = codes_of(settings)
    templates = load_templates(settings.sms_templates, {one.name: one.kind for one in urls})
    links = SmsLinks(settings.base_url, building.derive(PURPOSE))
    channel = SmsChannel(
        [_way(building, url, links, codes, templates.get(url.name, {})) for url in urls],
        settings.sms_signature,
    )
    building.standing.append(channel)
    return channel


def codes_of(settings: Settings) -> Codes:
    """Return what codes mean in this installation, for gateways with names of their own, too.

    Raises:
        OfficeFileError: the office's own file is wrong.
    """
    return _codes(settings.sms_codes, settings.sms_url or "")


@lru_cache(maxsize=4)
def _codes(office: Path | None, urls: str) -> Codes:
    return load_codes(office).named({one.name: one.kind for one in sms_urls(urls)})


def opened_for_check(settings: Settings, url: SmsUrl) -> Gateway:
    """Return a gateway that nobody hears, to see whether its URL is right; nothing is connected.

    Raises:
        ValueError: the URL is wrong; the message says how, without its password.
    """
    links = SmsLinks(settings.base_url, b"")
    parts = GatewayBuilding(url.name, settings.sms_signature, links, Deaf(), load_codes())
    return open_gateway(url.url, parts)


def _way(
    building: Building, url: SmsUrl, links: SmsLinks, codes: Codes, templates: dict[str, Registered]
) -> Way:
    far_side = building.far_sides.open(f"sms:{url.name}")
    parts = GatewayBuilding(
        name=url.name,
        signature=building.settings.sms_signature,
        links=links,
        heard=building.heard,
        codes=codes,
        templates=templates,
        per_second=url.per_second,
        line=far_side.line,
    )
    templated = SCHEMES[url.scheme].templated
    try:
        gateway = open_gateway(url.url, parts)
    except ValueError as exc:
        raise SettingsError(f"ZHENGDA_SMS_URL: {url.name}: {exc}") from exc
    return Way(
        gateway,
        far_side,
        pace=_pace(building, url),
        templates=templates if templated else None,
        asked=SCHEMES[url.scheme].asked,
    )


def _pace(building: Building, url: SmsUrl) -> Pace | None:
    if url.per_second is None:
        return None
    patience_s = min(LONGEST_PATIENCE_S, building.settings.lease_s / 4)
    return Pace(f"sms:{url.name}", Rate(url.per_second), building.turns, patience_s)
