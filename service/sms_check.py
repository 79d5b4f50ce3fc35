"""Whether each text message gateway can be used, as ``zhengda doctor`` says it; nothing is sent."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from channels.message import Occasion
from config.office_file import OfficeFileError
from config.settings import Settings
from config.sms_urls import SmsUrl, sms_urls
from service.check import Check, Status

NAME = "sms"
PATIENCE_S = 5.0
SEVERITY: tuple[Status, ...] = ("ok", "warning", "failed")
CORRECT = "correct ZHENGDA_SMS_URL"


async def check_sms(settings: Settings) -> Check:
    """Whether the gateways know us or at least answer, and have the templates they need; the worst of them counts."""
    if settings.sms_url is None:
        advice = "set ZHENGDA_SMS_URL when text messages are to leave this machine"
        return Check(NAME, "warning", "none is set: text messages go to the sandbox", advice)
    urls = sms_urls(settings.sms_url)
    found = await asyncio.gather(*(_gateway(settings, url) for url in urls))
    if (data := _data(settings, urls)) is not None:
        found.append(data)
    worst = max(found, key=lambda one: SEVERITY.index(one.status))
    if len(found) == 1:
        return found[0]
    several = "; ".join(one.detail for one in found)
    return Check(NAME, worst.status, several, worst.advice)


def _data(settings: Settings, urls: tuple[SmsUrl, ...]) -> Check | None:
    """Whether the files of codes and templates can be read, and say what the gateways need."""
    from channels.sms import SCHEMES, codes_of
    from channels.sms.templates import Registered, load_templates

    wrong: list[str] = []
    templates: Mapping[str, Mapping[str, Registered]] = {}
    try:
        codes_of(settings)
    except OfficeFileError as exc:
        wrong += str(exc).splitlines()
    try:
        templates = load_templates(settings.sms_templates, {one.name: one.kind for one in urls})
    except OfficeFileError as exc:
        wrong += str(exc).splitlines()
    if wrong:
        advice = "mend it, or unset ZHENGDA_SMS_CODES or ZHENGDA_SMS_TEMPLATES"
        return Check(NAME, "failed", "; ".join(wrong), advice)
    missing = {
        one.name: [str(occasion) for occasion in Occasion if occasion not in templates.get(one.name, {})]
        for one in urls
        if SCHEMES[one.scheme].templated
    }
    said = [
        f"{name} has no template for {', '.join(occasions)}"
        for name, occasions in missing.items()
        if occasions
    ]
    if not said:
        return None
    advice = "register them there and name them in ZHENGDA_SMS_TEMPLATES (docs/sms.md); until then it is passed over"
    return Check(NAME, "warning", "; ".join(said), advice)


async def _gateway(settings: Settings, url: SmsUrl) -> Check:
    if url.kind == "kannel":
        return await _kannel(settings, url)
    from channels.sms import opened_for_check

    try:
        opened_for_check(settings, url)
        place = urlsplit(url.url)
        host, port = place.hostname or "", place.port
    except ValueError as exc:
        return Check(NAME, "failed", f"{url.name}: {exc}", CORRECT)
    if port is None:
        return Check(NAME, "ok", f"{url.name} is {host}")
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as exc:
        advice = f"start it, or {CORRECT}; until then text messages wait or go another way"
        return Check(NAME, "failed", f"{url.name}: {host}:{port}: {type(exc).__name__}", advice)
    writer.close()
    return Check(NAME, "ok", f"{url.name}: {host}:{port} takes connections")


async def _kannel(settings: Settings, url: SmsUrl) -> Check:
    """Whether Kannel knows us; a request without a number is refused by it, so nothing is sent."""
    import httpx

    from channels.sms.gateways.kannel_place import KannelPlace

    try:
        gateway = KannelPlace.from_url(url.url)
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            answer = await client.get(gateway.url, params=gateway.access())
    except ValueError as exc:
        return Check(NAME, "failed", str(exc), CORRECT)
    except httpx.TransportError as exc:
        advice = f"start it, or {CORRECT}; until then text messages wait"
        return Check(NAME, "failed", f"{gateway.place}: {type(exc).__name__}", advice)
    if answer.status_code != httpx.codes.BAD_REQUEST:
        advice = "correct user, password and path of ZHENGDA_SMS_URL, or who may use the gateway from here"
        return Check(NAME, "failed", f"{gateway.place} answers {answer.status_code}", advice)
    if settings.public_url is None:
        advice = "set ZHENGDA_PUBLIC_URL to where the gateway reaches this service, or no report comes"
        return Check(NAME, "warning", f"{gateway.place} knows us; reports go to {settings.base_url}", advice)
    return Check(NAME, "ok", f"{gateway.place} knows us; reports go to {settings.base_url}")
