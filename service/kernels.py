"""The index's machine code: compiled or fetched before the first shard is loaded, kept where it can be."""

import os
from collections.abc import Mapping
from pathlib import Path

from config.settings import Settings
from streams.matching import packed
from streams.matching.packed.compiled import keep_in


def prepare_kernels(settings: Settings, environ: Mapping[str, str] = os.environ) -> None:
    """Have the kernels ready; some ten seconds at the very first start, a second at others. For a thread.

    What is compiled is kept where NUMBA_CACHE_DIR says, else beside the program, else, where the program's directory
    is read-only, in the data directory.
    """
    if (place := cache_directory(settings, environ)) is not None:
        keep_in(place)
    packed.warm_up()


def cache_directory(
    settings: Settings, environ: Mapping[str, str], program: Path = Path(packed.__file__).parent
) -> Path | None:
    """Return where the kernels are to be kept; None where that is settled without us."""
    if environ.get("NUMBA_CACHE_DIR") or os.access(program, os.W_OK):
        return None
    return settings.data.resolve() / "kernels"
