"""The command line as people use it: a process of its own, told where and who by its environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.service import ServiceProcess

TIMEOUT_S = 120.0


class Commands:
    """``zhengda …`` against one service; the keys are those of docs/faces.md, none by default.

    Args:
        service: the one that is spoken to.
        folder: where the commands run.
        key: ``ZHENGDA_KEY``.
        reviewer_key: ``ZHENGDA_REVIEWER_KEY``.
    """

    def __init__(
        self, service: ServiceProcess, folder: Path, key: str | None = None, reviewer_key: str | None = None
    ) -> None:
        self.folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGDA_")}
        given = {"ZHENGDA_URL": service.url, "ZHENGDA_KEY": key, "ZHENGDA_REVIEWER_KEY": reviewer_key}
        self.environment = own | {name: value for name, value in given.items() if value}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, whatever that is."""
        return subprocess.run(
            [sys.executable, "-c", "from service.cli import main; main()", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    def json(self, *arguments: str) -> Any:
        """What it prints with ``--json``; it must succeed."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, f"zhengda {' '.join(arguments)}: {done.returncode} {done.stderr}"
        return json.loads(done.stdout)

    def file(self, name: str, content: Any) -> str:
        """Write a file for it: JSON, or lines of JSON for a list."""
        path = self.folder / name
        lines = content if isinstance(content, list) else [content]
        path.write_text(
            "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8"
        )
        return str(path)
