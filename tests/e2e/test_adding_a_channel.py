"""docs/adding-a-channel.md is followed to the letter in a copy of the program, and a message arrives by the channel."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.servers.processes import wait_until
from tests.support.office import Office
from tests.support.papers import policy
from tests.support.service import running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?:python|json|text) (\w+)=(\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"/unsubscribe/\S+")
ROBOTS = "https://qyapi.weixin.qq.com"


def blocks(kind: str) -> dict[str, str]:
    """What the document says to write, to append or to send: where → text."""
    found = BLOCK.findall((ROOT / "docs" / "adding-a-channel.md").read_text(encoding="utf-8"))
    return {where: text for word, where, text in found if word == kind}


def copy_with_the_channel(tree: Path) -> None:
    """Put the program into ``tree`` and do there what the document says: one file and one line."""
    for room in ("config", "channels"):
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("subscribers", "streams", "service"):  # as they are, with what was compiled there
        (tree / room).symlink_to(ROOT / room)
    ((where, text),) = blocks("file").items()
    assert not (tree / where).exists()
    (tree / where).write_text(text, encoding="utf-8")
    ((where, line),) = blocks("line").items()
    assert line.count("\n") == 1
    before = (tree / where).read_text(encoding="utf-8")
    table, end, after = before.partition("\n)\n\nNAMES")
    assert end, "the end of the table is not where it was"
    (tree / where).write_text(f"{table}\n{line.rstrip()}{end}{after}", encoding="utf-8")


@contextmanager
def robot() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A robot of a group as its documentation describes it, and what it was told."""
    told: list[dict[str, Any]] = []

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            known = "key=693axxx6" in self.path
            if known:
                told.append(said)
            answer = {"errcode": 0, "errmsg": "ok"} if known else {"errcode": 93000, "errmsg": "invalid"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()


def test_a_channel_is_added_by_one_file_and_one_line(tmp_path: Path) -> None:
    tree = tmp_path / "program"
    copy_with_the_channel(tree)
    settings = {"PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1", "ZHENGDA_WEBHOOK_ALLOW": "127.0.0.0/8"}
    with robot() as (url, told), running(tmp_path / "service", **settings) as service:
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        for path, text in blocks("put").items():
            office.ask("PUT", path, json=json.loads(text.replace(ROBOTS, url)))
        office.publish(agency, policy("P-1", "软件"))

        def arrived() -> bool:
            return [row["state"] for row in office.deliveries(agency, "P-1")] == ["delivered"]

        assert wait_until(arrived, 30.0), (office.deliveries(agency, "P-1"), service.last_words())
        (row,) = office.deliveries(agency, "P-1")
        shown = office.ask("GET", "/api/v1/render?policy=P-1&channel=wecom&subscriber=park-1")
    assert row["channel"] == "wecom"
    ((said),) = told
    assert said["msgtype"] == "text"
    text = said["text"]["content"]
    assert "关于支持软件和信息技术服务业发展的若干措施" in text
    assert LINK.sub("", shown["text"]) == LINK.sub("", text), (
        "what is shown is what was sent, but for its masked link"
    )
    assert text.count("查看原文") == 1
