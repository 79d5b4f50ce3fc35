"""Chromium without a window: prints a page to PDF, as a service window's browser does."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox, in a container no GPU; the rest keeps it from calling home.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--no-pdf-header-footer",
)
PRINTED_S = 60.0
A4 = ViewportSize(width=794, height=1123)  # in CSS pixels
OVERFLOW = "found => found.map(one => one.scrollHeight - one.clientHeight)"
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def chromium_program() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """The browser for tests; each print is a process of its own with a profile of its own, and leaves nothing."""

    def __init__(self, program: str) -> None:
        self.program = program

    def pdf(self, url: str) -> bytes:
        """Return ``url`` as PDF.

        Raises:
            AssertionError: the browser wrote none; the message has its last words.
        """
        with tempfile.TemporaryDirectory(prefix="zhengda-chromium-", ignore_cleanup_errors=True) as folder:
            target = Path(folder) / "page.pdf"
            command = [
                self.program,
                *OPTIONS,
                f"--user-data-dir={folder}/profile",
                f"--print-to-pdf={target}",
                url,
            ]
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
            )
            try:
                _, words = process.communicate(timeout=PRINTED_S)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(10)
            assert target.exists(), words[-2000:].decode(errors="replace")
            return target.read_bytes()

    def overflow(self, url: str, *selectors: str) -> dict[str, int]:
        """Return by how many pixels the content of elements exceeds them when ``url`` is printed on A4."""
        with sync_playwright() as player:
            browser = player.chromium.launch(executable_path=self.program, args=list(OPTIONS))
            try:
                page = browser.new_page(viewport=A4)
                page.emulate_media(media="print")
                page.goto(url)
                found = {name: page.eval_on_selector_all(name, OVERFLOW) for name in selectors}
            finally:
                browser.close()
        assert all(found.values()), f"{url}: no element for one of {selectors}"
        return {name: max(by) for name, by in found.items()}


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of Chromium's has; its page objects are not compressed."""
    return len(PAGE.findall(pdf))
