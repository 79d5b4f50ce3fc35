"""How webhooks stand, as ``zhengda doctor`` says it: read from the record, no endpoint is spoken to."""

import asyncio
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from channels.webhook.places import Network, open_networks
from config.database import open_record
from config.settings import Settings
from service.check import Check
from service.master_keys import read_master_keys
from subscribers.contacts import VaultError
from subscribers.endpoint_survey import EndpointSurvey, survey_endpoints

NAME = "webhooks"
PATIENCE_S = 5.0


async def check_webhooks(settings: Settings) -> Check:
    """How many endpoints there are and whether they can be reached by what the operator has opened."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Check(NAME, "ok", "no endpoint: nothing has run here yet")
    record = open_record(settings.database_url)
    try:
        async with asyncio.timeout(PATIENCE_S), record.read() as conn:
            found = await survey_endpoints(conn, read_master_keys(settings))
    except (SQLAlchemyError, TimeoutError, OSError):
        return Check(NAME, "warning", "the record has no endpoints to tell", "see the line of the record")
    except VaultError as exc:
        return Check(NAME, "failed", str(exc), "give the keys of this record (docs/operations.md, Keys)")
    finally:
        await record.close()
    return judged(found, open_networks(settings.webhook_allow))


def judged(found: EndpointSurvey, opened: tuple[Network, ...]) -> Check:
    """Say it in a line; a warning is what keeps messages from going, or lets them go where they should not."""
    total = found.confirmed + found.waiting + found.disabled
    ways = f"open besides public addresses: {', '.join(map(str, opened)) or 'nothing'}"
    numbers = f"{found.confirmed} confirmed, {found.waiting} to be confirmed, {found.disabled} disabled"
    unencrypted = f", {found.unencrypted} of them http://" if found.unencrypted else ""
    detail = f"{numbers}{unencrypted}; {ways}" if total else f"no endpoint; {ways}"
    if everywhere := [network for network in opened if network.prefixlen == 0]:
        advice = f"{everywhere[0]} lets anybody's URL reach this machine: name your networks in ZHENGDA_WEBHOOK_ALLOW"
        return Check(NAME, "warning", detail, advice)
    if found.unencrypted and not opened:
        advice = (
            "nothing goes to http:// but in networks that ZHENGDA_WEBHOOK_ALLOW opens; ask for https:// URLs"
        )
        return Check(NAME, "warning", detail, advice)
    return Check(NAME, "ok", detail)
