"""Whether the office's own tables can be read, as ``zhengda doctor`` says it."""

from channels.retry import load_schedules
from config.mail_domains import load_mail_domains
from config.office_file import OfficeFileError
from config.promises import load_promises
from config.settings import Settings
from service.check import Check

NAME = "tables"


def check_tables(settings: Settings) -> Check:
    """Look at retries, promises and mail domains: a service that cannot read one of them does not start."""
    own = {
        "ZHENGDA_RETRIES": settings.retries,
        "ZHENGDA_PROMISES": settings.promises,
        "ZHENGDA_MAIL_DOMAINS": settings.mail_domains,
    }
    wrong: list[str] = []
    for load, file in (
        (load_schedules, settings.retries),
        (load_promises, settings.promises),
        (load_mail_domains, settings.mail_domains),
    ):
        try:
            load(file)
        except OfficeFileError as exc:
            wrong += str(exc).splitlines()
    if wrong:
        return Check(NAME, "failed", "; ".join(wrong), "mend it, or unset its setting")
    named = [name for name, file in own.items() if file is not None]
    return Check(NAME, "ok", f"retries, promises, mail domains: {', '.join(named) or 'as shipped'}")
