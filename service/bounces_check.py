"""Whether what comes back from mail servers is heard, for ``zhengda doctor``."""

import asyncio

from channels.email.bounces import Rules, load_rules
from config.settings import Settings
from config.taxonomies import TaxonomyDataError
from service.check import Check
from service.smtp_server import Address, address_of

NAME = "bounces"
PATIENCE_S = 5.0
DEAF = "without it a mail that never arrives counts as delivered (docs/operations.md, Mail that comes back)"


async def check_bounces(settings: Settings) -> Check:
    """Whether the table can be read, return paths are made, and somebody listens to what comes back to them."""
    try:
        rules = load_rules(settings.mail_bounces)
    except TaxonomyDataError as exc:
        return Check(NAME, "failed", str(exc), "mend it, or unset ZHENGDA_MAIL_BOUNCES")
    if settings.smtp_url is None:
        return Check(NAME, "ok", "no mail leaves, so none comes back")
    if settings.bounce_domain is None:
        return Check(NAME, "warning", "bounces are not heard", f"set ZHENGDA_BOUNCE_DOMAIN: {DEAF}")
    if settings.bounce_listen is None:
        advice = f"set ZHENGDA_BOUNCE_LISTEN where the role api runs: {DEAF}"
        return Check(NAME, "warning", f"nobody takes the mail of {settings.bounce_domain}", advice)
    return await _ask(settings.bounce_listen, settings.bounce_domain, rules)


async def _ask(url: str, domain: str, rules: Rules) -> Check:
    try:
        async with asyncio.timeout(PATIENCE_S):
            greeting = await _greeting(address_of(url))
    except (OSError, TimeoutError) as exc:
        why = f"{url}: {str(exc) or 'no answer'}"
        return Check(NAME, "warning", why, "it listens while `zhengda up` runs with the role api")
    if not greeting.startswith(f"220 {domain} "):
        advice = "another program listens there: set ZHENGDA_BOUNCE_LISTEN to a free place"
        return Check(NAME, "failed", f"{url} answers {greeting[:80]!r}", advice)
    return Check(NAME, "ok", f"listening at {url} for {domain}, rules {rules.version}")


async def _greeting(address: Address) -> str:
    opened = (
        asyncio.open_unix_connection(str(address.path))
        if address.path is not None
        else asyncio.open_connection(address.host, address.port)
    )
    reader, writer = await opened
    try:
        return (await reader.readline()).decode("utf-8", "replace").strip()
    finally:
        writer.close()
