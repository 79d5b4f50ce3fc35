"""``zhengda up``: run the service."""

from enum import StrEnum
from typing import Annotated

import typer

from config.settings import SettingsError, load_settings
from service.cli.failures import CommandFailed, NotStarted


class RoleName(StrEnum):
    """What one process may be, see docs/operations.md."""

    WORKER = "worker"
    API = "api"
    SCHEDULER = "scheduler"


def up(
    role: Annotated[
        list[RoleName] | None, typer.Option(help="Give it once per role; all by default.")
    ] = None,
) -> None:
    """Run the service until it is stopped."""
    try:
        settings = load_settings()
    except SettingsError as exc:
        from service.start_check import all_mistakes

        raise NotStarted("\n".join(all_mistakes(exc))) from exc
    # Only this command needs the whole house; the others start in a fraction of the time without it.
    from config.calendar import CalendarError
    from config.database.migrate import RecordTooNew
    from config.office_file import OfficeFileError
    from config.taxonomies import TaxonomyDataError
    from service.bootstrap import CannotStart, run
    from service.data_lock import DataInUse
    from service.house import ShardsChanged
    from service.serving import PortTaken
    from service.supervisor import ValkeyWillNotStart
    from service.timekeeping import ClockGoesBack
    from subscribers.contacts import VaultError

    try:
        run(settings, tuple(dict.fromkeys(r.value for r in role or RoleName)))
    except CannotStart as exc:
        raise NotStarted(str(exc)) from exc
    except (
        CalendarError,
        ClockGoesBack,
        DataInUse,
        OfficeFileError,
        PortTaken,
        RecordTooNew,
        SettingsError,
        ShardsChanged,
        TaxonomyDataError,
        ValkeyWillNotStart,
        VaultError,
    ) as exc:
        raise CommandFailed(str(exc)) from exc
