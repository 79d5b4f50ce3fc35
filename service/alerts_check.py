"""What ``zhengda doctor`` says of open alerts, read from the record itself: the service may be what is down."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from config.database import open_record
from config.settings import Settings
from service.check import Check
from streams.alert_words import sentence
from streams.alerts import list_alerts

NAME = "alerts"
MOST_SHOWN = 3


async def check_alerts(settings: Settings) -> Check:
    """Whether something waits for the operator; a record that cannot be read has a line of its own."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Check(NAME, "ok", "none: nothing has run here yet")
    record = open_record(settings.database_url)
    try:
        async with record.read() as conn:
            found = await list_alerts(conn)
    except (SQLAlchemyError, OSError):
        return Check(NAME, "warning", "the record has none to tell", "see the line of the record")
    finally:
        await record.close()
    if not found:
        return Check(NAME, "ok", "none is open")
    shown = "; ".join(sentence(one, chinese=False) for one in found[:MOST_SHOWN])
    more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return Check(NAME, "warning", f"{shown}{more}", "see `zhengda alerts`")
