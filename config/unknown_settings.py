"""Variables of the environment that look like settings and are none: a misspelt one would be passed over in silence."""

from collections.abc import Mapping
from difflib import get_close_matches

from config.settings import PREFIX, Settings

CLIENTS = {"URL", "KEY", "REVIEWER_KEY"}  # read by the commands, not by the service


def unknown_settings(environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return each ``ZHENGDA_*`` variable that nothing reads, with the real one that looks most like it."""
    known = {name.upper() for name in Settings.model_fields} | CLIENTS
    given = sorted(name.removeprefix(PREFIX) for name in environ if name.startswith(PREFIX))
    strange = {name: get_close_matches(name, known, n=1) for name in given if name not in known}
    return [(PREFIX + name, PREFIX + near[0] if near else None) for name, near in strange.items()]
