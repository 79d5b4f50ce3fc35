"""What would keep the service from starting, all of it at once and before anything is started or made."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from channels.email import signer_of
from channels.email.bounces import load_rules
from channels.email.smtp import SmtpServer
from channels.retry import load_schedules
from channels.sms import codes_of, opened_for_check
from channels.sms.templates import load_templates
from channels.writing.check import look_at
from channels.writing.office import TemplatesError, read_office
from config.calendar import CalendarError, load_calendar
from config.mail_domains import load_mail_domains
from config.office_file import OfficeFileError
from config.promises import load_promises
from config.settings import PREFIX, Settings, SettingsError
from config.sms_urls import sms_urls
from config.taxonomies import TaxonomyDataError, load_lexicon
from config.unknown_settings import unknown_settings

EXPECTED = (CalendarError, OfficeFileError, SettingsError, TaxonomyDataError, ValueError)
ANOTHER_DATA = "set ZHENGDA_DATA to a directory that this user can write to or make"


def mistakes(settings: Settings, *, complete: bool = True) -> list[str]:
    """Return what is wrong with the files and gateways that the settings name; [] where nothing is.

    Args:
        settings: nothing of them is opened but the office's own files, and nothing is connected.
        complete: False where wrong ones were left out (`SettingsError.rest`), so that a gateway may be missing.

    Returns:
        A line for each mistake, which begins with the name of its setting.
    """
    looks: dict[str, Callable[[], object]] = {
        "DATA": lambda: _look_at_data(settings.data),
        "SMTP_URL": lambda: settings.smtp_url and SmtpServer.from_url(settings.smtp_url),
        "DKIM_KEY": lambda: signer_of(settings),
        "MAIL_DOMAINS": lambda: load_mail_domains(settings.mail_domains),
        "MAIL_BOUNCES": lambda: load_rules(settings.mail_bounces),
        "SMS_URL": lambda: _open_gateways(settings),
        "SMS_CODES": lambda: codes_of(settings),
        "SMS_TEMPLATES": lambda: load_templates(settings.sms_templates, _kinds(settings), all_known=complete),
        "TEMPLATES": lambda: _try_templates(settings.templates),
        "RETRIES": lambda: load_schedules(settings.retries),
        "PROMISES": lambda: load_promises(settings.promises),
        "CALENDAR": lambda: load_calendar(settings.calendar),
        "LEXICON": lambda: load_lexicon(office=settings.lexicon),
    }
    return [line for name, look in looks.items() for line in _told(PREFIX + name, look)]


def all_mistakes(wrong: SettingsError) -> list[str]:
    """Return what is wrong with settings, and with the files and gateways that the sound ones name, a line each.

    Variables that nothing reads come last: one of them may be what is missing, under a misspelt name.
    """
    return [
        *str(wrong).splitlines(),
        *(mistakes(wrong.rest, complete=False) if wrong.rest else ()),
        *misspelt(os.environ),
    ]


def misspelt(environ: Mapping[str, str]) -> list[str]:
    """Return a line for each ``ZHENGDA_*`` variable that nothing reads: a failure may be due to its name."""
    return [
        f"{name}: nothing reads it" + (f"; did you mean {near}?" if near else "")
        for name, near in unknown_settings(environ)
    ]


def _look_at_data(data: Path) -> None:
    try:
        place = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    except OSError as exc:
        raise ValueError(f"{data}: {exc.strerror}; {ANOTHER_DATA}") from exc
    if not place.is_dir():
        raise ValueError(f"{place} is no directory; {ANOTHER_DATA}")
    if not os.access(place, os.W_OK | os.X_OK):
        raise ValueError(f"{place} cannot be written to; {ANOTHER_DATA}")


def _told(setting: str, look: Callable[[], object]) -> Iterator[str]:
    try:
        look()
    except EXPECTED as exc:
        for line in str(exc).splitlines():
            yield line if line.startswith(PREFIX) else f"{setting}: {line}"


def _kinds(settings: Settings) -> dict[str, str]:
    return {one.name: one.kind for one in sms_urls(settings.sms_url or "")}


def _open_gateways(settings: Settings) -> None:
    wrong = []
    for url in sms_urls(settings.sms_url or ""):
        try:
            opened_for_check(settings, url)
        except ValueError as exc:
            wrong.append(f"{url.name}: {exc}")
    if wrong:
        raise ValueError("\n".join(wrong))


def _try_templates(directory: Path | None) -> None:
    found = look_at(read_office(directory), directory) if directory else []
    if errors := [str(one) for one in found if one.error]:
        raise TemplatesError("\n".join(errors))
