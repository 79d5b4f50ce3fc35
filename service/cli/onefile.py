"""Whether what a command is to write would lie over what it reads."""

from pathlib import Path


def is_one_file(written: Path, read: Path) -> bool:
    """Return whether two paths lead to one file, by whatever name, symbolic or hard link."""
    try:
        return written.samefile(read)
    except OSError:  # one of them is not there yet
        return written.resolve() == read.resolve()
