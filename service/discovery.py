"""``service.json``: how commands on the service's own machine find it and speak to it."""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

FILE_NAME = "service.json"


class DiscoveryError(Exception):
    """``service.json`` cannot be read: wrong owner, broken content, or ZHENGDA_DATA is no directory.

    Run the command as the user that runs the service, or set ZHENGDA_URL and ZHENGDA_KEY. A broken file is written
    anew by the next start of the service.
    """


@dataclass(frozen=True)
class Discovery:
    """Where a service listens and the keys that its machine may use; the last two exist in the demo only."""

    url: str
    pid: int
    operator_key: str | None = field(default=None, repr=False)
    reviewer_key: str | None = field(default=None, repr=False)
    publisher_key: str | None = field(default=None, repr=False)


def discovery_path(data: Path) -> Path:
    """Return where the service with the data directory ``data`` writes it."""
    return data / FILE_NAME


def write_discovery(
    path: Path,
    *,
    url: str,
    pid: int,
    operator_key: str | None,
    reviewer_key: str | None = None,
    publisher_key: str | None = None,
) -> None:
    """Write ``service.json`` in one step, readable by its owner only, from the first byte on."""
    new = path.with_name(f"{path.name}.{pid}.new")
    found = Discovery(url, pid, operator_key, reviewer_key, publisher_key)
    content = {name: value for name, value in asdict(found).items() if value is not None}
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def read_discovery(path: Path) -> Discovery | None:
    """Return what the service wrote, or None where no service ever ran.

    Raises:
        DiscoveryError: the file is there and cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Discovery(**{f.name: content[f.name] for f in fields(Discovery) if f.name in content})
    except FileNotFoundError:
        return None
    except PermissionError as exc:
        raise DiscoveryError(
            f"{path} belongs to another user: run as that user, or set ZHENGDA_URL and ZHENGDA_KEY"
        ) from exc
    except OSError as exc:
        raise DiscoveryError(
            f"{path}: {exc.strerror}: set ZHENGDA_DATA to the service's directory, or ZHENGDA_URL and ZHENGDA_KEY"
        ) from exc
    except (ValueError, TypeError) as exc:
        raise DiscoveryError(
            f"{path} is broken: start the service again, or set ZHENGDA_URL and ZHENGDA_KEY"
        ) from exc


def process_alive(pid: int) -> bool:
    """Whether a process with this id exists on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
