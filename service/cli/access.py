"""Where the service is and who speaks: the environment first, then what the service left on its own machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from service.cli.failures import Unreachable, WrongUse
from service.cli.words import Words
from service.discovery import Discovery, DiscoveryError, discovery_path, read_discovery

Speaker = Literal["operator", "publisher", "reviewer", "association"]
VARIABLE: dict[Speaker, str] = {
    "operator": "ZHENGDA_KEY",
    "publisher": "ZHENGDA_KEY",
    "reviewer": "ZHENGDA_REVIEWER_KEY",
    "association": "ZHENGDA_KEY",
}


@dataclass(frozen=True)
class Access:
    """An address and the key for each way of speaking; a missing key is only missed when it is needed."""

    url: str
    keys: Mapping[Speaker, str] = field(repr=False)


def data_directory(environ: Mapping[str, str]) -> Path:
    """Return ``ZHENGDA_DATA``, by default ``zhengda-data`` in the working directory."""
    return Path(environ.get("ZHENGDA_DATA") or "zhengda-data")


def find_access(environ: Mapping[str, str], words: Words, *, deciding: bool = False) -> Access:
    """Return where and who.

    ``ZHENGDA_KEY`` speaks for everything but decisions, ``ZHENGDA_REVIEWER_KEY`` for those. The keys that the
    service left on its machine fill what is not set, and are never sent to another address than its own. With
    ``deciding`` nothing else is asked for, so ``ZHENGDA_KEY`` decides before a reviewer's key that was left here; who
    publishes and releases in one command needs two keys, because no person may do both.

    Raises:
        Unreachable: no address is set and no service has run here.
        WrongUse: the file with the address cannot be read.
    """
    given = (environ.get("ZHENGDA_URL") or "").rstrip("/")
    path = discovery_path(data_directory(environ))
    try:
        found = read_discovery(path)
    except DiscoveryError as exc:
        if not given:
            raise WrongUse(str(exc)) from exc
        found = None
    if not given and found is None:
        raise Unreachable(words("no_service", data=path.parent))
    left = found if found and given in ("", found.url.rstrip("/")) else None
    return Access(given or (found.url.rstrip("/") if found else ""), _keys(environ, left, deciding))


def _keys(environ: Mapping[str, str], left: Discovery | None, deciding: bool) -> dict[Speaker, str]:
    own = environ.get("ZHENGDA_KEY")
    decides = (own if deciding else None, left.reviewer_key if left else None)
    candidates: dict[Speaker, tuple[str | None, ...]] = {
        "operator": (own, left.operator_key if left else None),
        "publisher": (own, left.publisher_key if left else None),
        "reviewer": (environ.get("ZHENGDA_REVIEWER_KEY"), *decides),
        "association": (own,),
    }
    return {who: key for who, keys in candidates.items() if (key := next(filter(None, keys), None))}
