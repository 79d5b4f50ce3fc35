"""Where the master keys are: in ZHENGDA_MASTER_KEYS, else in a file of ZHENGDA_DATA that the first start makes."""

import hashlib
import os
from pathlib import Path

from cryptography.fernet import Fernet

from config.settings import Settings

FILE_NAME = "master.keys"


def master_keys_path(settings: Settings) -> Path:
    """Return the file that holds the keys where the environment does not."""
    return settings.data / FILE_NAME


def read_master_keys(settings: Settings) -> str | None:
    """Return the keys, newest first, parted by commas; None where there are none yet."""
    if settings.master_keys:
        return settings.master_keys
    path = master_keys_path(settings)
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def ensure_master_keys(settings: Settings) -> str:
    """Return the keys; the first time one is made, in a file that only its owner reads.

    Two processes that start together agree: the file is made whole and linked into place, and the first link stands.
    """
    kept = read_master_keys(settings)
    if kept is not None:
        return kept
    path = master_keys_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{FILE_NAME}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(Fernet.generate_key().decode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        pass  # another process was faster: its key counts
    finally:
        new.unlink()
    return path.read_text(encoding="ascii").strip()


def key_prints(master_keys: str | None) -> list[str]:
    """Return a short fingerprint of each key, newest first; it tells keys apart and gives nothing of them away."""
    keys = [key.strip() for key in (master_keys or "").split(",") if key.strip()]
    return [hashlib.sha256(b"zhengda master key\n" + key.encode()).hexdigest()[:16] for key in keys]
