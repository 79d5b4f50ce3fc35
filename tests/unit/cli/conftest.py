"""The command line with a fake service at the other end, and no real time."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.cli import run
from service.cli.face import Face
from tests.servers.fake_face import FakeService
from tests.support.label_files import RULE, TEXT

URL = "http://service.test"


@dataclass
class Time:
    """A monotonic clock that only sleeping moves."""

    at: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 0.001)

    def monotonic(self) -> float:
        return self.at


@dataclass
class Terminal:
    """Runs commands and keeps what they printed."""

    capsys: pytest.CaptureFixture[str]
    service: FakeService
    environ: dict[str, str]
    time: Time = field(default_factory=Time)
    transport: httpx.BaseTransport | None = None
    out: str = ""
    err: str = ""

    def __call__(self, *argv: str | Path) -> int:
        transport = self.transport or self.service.transport()
        face = Face(self.environ, transport, self.time.sleep, self.time.monotonic)
        code = run([str(word) for word in argv], face)
        self.out, self.err = self.capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def zhengda(capsys: pytest.CaptureFixture[str], service: FakeService, tmp_path: Path) -> Terminal:
    environ = {
        "ZHENGDA_URL": URL,
        "ZHENGDA_KEY": "own",
        "ZHENGDA_REVIEWER_KEY": "reviewer",
        "ZHENGDA_DATA": str(tmp_path / "data"),
    }
    return Terminal(capsys, service, environ)


@pytest.fixture
def policy() -> Callable[..., dict[str, Any]]:
    def make(policy_id: str = "p1", **more: Any) -> dict[str, Any]:
        return {
            "policy_id": policy_id,
            "title": "关于支持专精特新中小企业的通知",
            "issuer": "某市工业和信息化局",
            "publish_date": "2026-03-01",
            "disclosure": "open",
            "body": "正文",
            **more,
        }

    return make


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write values as a file: one as a document, several as JSONL; text as it is."""

    def write(*values: Any, name: str = "policies.json") -> Path:
        path = tmp_path / name
        lines = [
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    """A text to be labelled."""
    file = tmp_path / "notice.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A directory of an office's own rules, by which that text gets one label more."""
    directory = tmp_path / "rules"
    directory.mkdir()
    (directory / "qualification.toml").write_text(RULE, encoding="utf-8")
    return directory
