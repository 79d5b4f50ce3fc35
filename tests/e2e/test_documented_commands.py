"""What README.md and docs/emitting.md tell people to type is typed here, as it stands."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.servers.kafka import KafkaServer
from tests.servers.processes import wait_until
from tests.support.service import ServiceProcess, running

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+) run=(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PATIENCE_S = 60.0


def blocks(file: str, run: str) -> list[tuple[str, str]]:
    """The language and text of every block of `file` that is marked `run=…`."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = [(language, body) for language, mark, body in BLOCK.findall(text) if mark == run]
    assert found, f"{file} has no block marked run={run}"
    return found


def typed(language: str, body: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run a block in `folder` and return what it printed."""
    program = ["bash", "-euo", "pipefail", "-c"] if language == "bash" else [sys.executable, "-c"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGDA_")}
    done = subprocess.run(
        [*program, body],
        cwd=folder,
        env={**own, "PATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 2,
        check=False,
    )
    assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def accepted(service: ServiceProcess, event_id: str) -> bool:
    """Whether the gate has accepted an event of the demo's publisher."""
    headers = {"Authorization": f"Bearer {service.keys.publisher_key}"}
    answer = httpx.get(f"{service.url}/api/v1/events/{event_id}", headers=headers)
    return answer.status_code == 200 and answer.json()["status"] == "accepted"


def test_both_readmes_tell_the_same_commands() -> None:
    assert blocks("README.zh-CN.md", "readme") == blocks("README.md", "readme")


def test_the_first_five_minutes_go_as_they_are_told(tmp_path: Path) -> None:
    with running(tmp_path / "service", ZHENGDA_DEMO="1") as service:
        environ = {"ZHENGDA_DATA": str(service.data), "ZHENGDA_URL": service.url}
        said = [typed(*block, tmp_path, environ) for block in blocks("README.md", "readme")]
    assert said[0].endswith("1 subscribers in, 0 rows refused\n")
    assert "software-award revision 1: accepted" in said[1]
    assert re.search(r"software-award +1 +yuntu +email +delivered", said[2])
    assert json.loads(said[3]) == {"subscriptions": []}
    assert re.search(r"key-points +.*waiting", said[4])
    assert "2031-01-01" in said[4], said[4]  # the day after its validity is over


def test_a_text_is_labelled_without_a_service_as_it_is_told(tmp_path: Path) -> None:
    assert blocks("README.zh-CN.md", "labelling") == blocks("README.md", "labelling")
    said = "".join(typed(*block, tmp_path, {"COLUMNS": "200"}) for block in blocks("README.md", "labelling"))
    assert re.search(r"qualification +srdi ", said)
    assert re.search(r"instrument +award ", said)
    assert re.search(r"apply_until +2026-04-30 ", said)
    assert "示经信〔2026〕12号" in said


def test_an_agency_emits_by_http_and_by_command_line_as_it_is_told(tmp_path: Path) -> None:
    with running(tmp_path / "service", ZHENGDA_DEMO="1") as service:
        assert service.keys.publisher_key
        environ = {"ZHENGDA_URL": service.url, "ZHENGDA_KEY": service.keys.publisher_key}
        for run in ("http", "cli"):
            for block in blocks("docs/emitting.md", run):
                typed(*block, tmp_path, environ)
        assert wait_until(lambda: accepted(service, "2026-0001"), PATIENCE_S)
        assert accepted(service, "2026-0002")


def test_an_agency_emits_straight_to_kafka_as_it_is_told(tmp_path: Path, kafka_server: KafkaServer) -> None:
    with running(tmp_path / "service", ZHENGDA_DEMO="1", ZHENGDA_BROKER=kafka_server.url) as service:
        operator = {"Authorization": f"Bearer {service.keys.operator_key}"}
        body = {"role": "publisher", "holder": "李", "agency_id": "demo"}
        key = httpx.post(f"{service.url}/api/v1/keys", json=body, headers=operator).raise_for_status().json()
        environ = {
            "ZHENGDA_AGENCY": "demo",
            "ZHENGDA_KEY_ID": key["key_id"],
            "ZHENGDA_HMAC_SECRET": key["hmac_secret"],
            "KAFKA_SERVERS": kafka_server.address,
        }
        for block in blocks("docs/emitting.md", "kafka"):
            typed(*block, tmp_path, environ)
        assert wait_until(lambda: accepted(service, "2026-0003"), PATIENCE_S), service.last_words()
