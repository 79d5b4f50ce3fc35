"""``zhengda dkim``: the key that signs mails, and the DNS record that lets recipients verify it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from config.settings import SettingsError, load_settings
from service.cli.failures import CommandFailed, WrongUse

STRING_CHARS = 255  # of one character string in a TXT record (RFC 1035, 3.3.14)
KEY_BITS = 2048


def dkim(
    file: Annotated[
        Path | None, typer.Argument(help="The key, ZHENGDA_DKIM_KEY by default; made where it is not there.")
    ] = None,
) -> None:
    """Make a key that signs mails (DKIM), if there is none yet, and print its DNS record."""
    # Only this command needs cryptography.
    from channels.email.dkim import DkimKeyError, load_signer
    from channels.email.headers import split_sender

    try:
        settings = load_settings()
        domain = settings.dkim_domain or split_sender(settings.mail_from)[1].rpartition("@")[2]
    except (SettingsError, ValueError) as exc:
        raise CommandFailed("; ".join(str(exc).splitlines())) from exc
    file = file or settings.dkim_key
    if file is None:
        raise WrongUse("name the file of the key, or set ZHENGDA_DKIM_KEY")
    if not file.exists():
        _make(file)
    try:
        signer = load_signer(file, domain, settings.dkim_selector)
    except DkimKeyError as exc:
        raise CommandFailed(str(exc)) from exc
    name, text = signer.record()
    strings = " ".join(f'"{text[i : i + STRING_CHARS]}"' for i in range(0, len(text), STRING_CHARS))
    print(f"{name}. IN TXT ( {strings} )")
    if settings.dkim_key != file:
        print(f"ZHENGDA_DKIM_KEY={file.resolve()}")


def _make(file: Path) -> None:
    """Write a new key, for its owner's eyes only."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    from channels.email.dkim import pem

    key = pem(generate_private_key(public_exponent=65537, key_size=KEY_BITS))
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key)
    except OSError as exc:
        raise CommandFailed(f"{file} cannot be written: {exc.strerror}") from exc
