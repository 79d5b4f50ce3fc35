"""Programs that judge a mail as its recipient's side would: OpenDKIM its signature, SpamAssassin its looks. Offline."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers.processes import need

PATH = os.environ.get("PATH", "") + ":/usr/sbin"
# How a mail looks to whoever got it from a relay outside: without one SpamAssassin knows that nobody did.
RECEIVED = (
    b"Received: from relay.example.gov.cn (relay.example.gov.cn [101.32.10.7])\n"
    b"\tby mx.example.cn (Postfix) with ESMTPS id 4F1E2D3C4B; Wed, 1 Jul 2026 01:30:05 +0800 (CST)\n"
)
STATUS = re.compile(
    r"^X-Spam-Status: \w+, score=(-?[\d.]+) [^=]*=[\d.]+\s+tests=([\w,\s]+?)\s+autolearn=", re.MULTILINE
)


def opendkim_accepts(mail: bytes, record: tuple[str, str], folder: Path) -> bool:
    """Whether OpenDKIM verifies the signature of ``mail``; ``record`` is all the DNS that it knows."""
    program = _program("opendkim", "opendkim")
    (folder / "mail.eml").write_bytes(mail)
    (folder / "dns").write_text(" ".join(record) + "\n", encoding="ascii")
    (folder / "opendkim.conf").write_text(f"Mode v\nTestDNSData file:{folder / 'dns'}\n", encoding="utf-8")
    command = [program, "-x", str(folder / "opendkim.conf"), "-t", str(folder / "mail.eml"), "-v"]
    said = _run(command, folder)
    assert "verification" in said, said
    return "succeeded" in said


def spam_points(mails: Sequence[bytes], folder: Path) -> list[tuple[float, str]]:
    """What SpamAssassin gives each of ``mails`` by its local rules, and what for."""
    program = _program("spamassassin", "spamassassin")
    files = [folder / f"{number:04d}.eml" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(RECEIVED + mail.replace(b"\r\n", b"\n"))
    options = ["--local", "--test-mode", "--nocreate-prefs", "--cf=report_safe 0"]
    said = _run([program, *options, *map(str, files)], folder)
    found = STATUS.findall(said)
    assert len(found) == len(mails), said[-2000:]
    return [(float(points), "".join(why.split())) for points, why in found]


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        need(f"{name} is not installed (Debian: {package})")
    assert found is not None
    return found


def _run(command: Sequence[str], folder: Path) -> str:
    # What it learns or remembers stays in the folder.
    environ = {"PATH": PATH, "HOME": str(folder), "LC_ALL": "C"}
    done = subprocess.run(command, check=True, capture_output=True, timeout=120, env=environ, cwd=folder)
    return (done.stdout + done.stderr).decode("utf-8", "replace")
