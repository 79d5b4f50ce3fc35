"""How a command can end badly: each way has its exit code, and its message is what is printed, one line mostly."""

from collections.abc import Sequence


class CommandFailed(Exception):
    """The command did not do what was asked. Exit code 1; the message says why and what to do."""

    exit_code = 1


class Refused(CommandFailed):
    """The service answered no; the message is its reason. Correct what it names and repeat the command."""

    def __init__(self, status: int, detail: str, errors: Sequence[object] = ()) -> None:
        self.status = status
        self.detail = detail
        # The detail usually names the fields already; only what it leaves out is added.
        super().__init__("; ".join([detail, *(text for e in errors if (text := _field(e)) not in detail)]))


class NotStarted(CommandFailed):
    """The service cannot start as it is set up. Exit code 1; the message has a line for each mistake: mend them all."""


class WrongUse(CommandFailed):
    """The command lacks something only the caller can give, a key for instance. Exit code 2."""

    exit_code = 2


class OutOfTime(CommandFailed):
    """What was waited for did not happen within ``--timeout``. Exit code 3; repeating the command is harmless."""

    exit_code = 3


class Unreachable(CommandFailed):
    """No service answers at the address. Exit code 4; start it with ``zhengda up`` or correct ZHENGDA_URL."""

    exit_code = 4


class SomeRefused(CommandFailed):
    """Rows of a list were refused, the others are done. Exit code 5; correct those named and repeat the command."""

    exit_code = 5


def _field(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    where = error.get("field") or error.get("loc") or error.get("name") or ""
    what = error.get("message") or error.get("msg") or error.get("detail") or error.get("reason") or ""
    where = ".".join(map(str, where)) if isinstance(where, (list, tuple)) else str(where)
    return f"{where}: {what}" if where else str(what or error)
