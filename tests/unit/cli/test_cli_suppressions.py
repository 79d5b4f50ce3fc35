"""``zhengda suppressions`` and ``zhengda bounces``: what they ask of the service, and what they print."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.fake_face import problem

BASE = "/api/v1/suppressions"
ENTRY = {
    "channel": "email",
    "index": "a1" * 32,
    "reason": "gone",
    "said": "550 no such user",
    "at": "2026-03-01T00:00:00.000Z",
    "subscribers": ["S-1", "S-2"],
}


def answers(content: object, asked: list[Any] | None = None) -> Callable[[httpx.Request], httpx.Response]:
    """A route that answers ``content`` and keeps what it was asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(json.loads(request.content) if request.content else dict(request.url.params))
        return httpx.Response(200, json=content)

    return answer


def test_the_list_is_printed_with_who_holds_the_addresses(zhengda: Any) -> None:
    asked: list[Any] = []
    zhengda.service.routes["GET", BASE] = answers({"suppressions": [ENTRY], "next": "cursor"}, asked)
    assert zhengda("suppressions", "list", "--channel", "email", "--limit", "1") == 0
    assert asked == [{"channel": "email", "limit": "1"}]
    assert "gone" in zhengda.out
    assert "S-1; S-2" in zhengda.out
    assert "550 no such user" in zhengda.out
    assert "next page: --after cursor" in zhengda.err
    assert zhengda("suppressions", "list", "--json") == 0
    assert zhengda.json["suppressions"] == [ENTRY]


@pytest.mark.parametrize(
    ("command", "path", "body"),
    [
        (("show", "a@b.cn"), f"{BASE}/find", {"address": "a@b.cn"}),
        (("add", "a@b.cn", "--reason", "停用"), BASE, {"address": "a@b.cn", "reason": "停用"}),
        (
            ("lift", "13812340000", "--reason", "换了号", "--channel", "sms"),
            f"{BASE}/lift",
            {"address": "13812340000", "channel": "sms", "reason": "换了号"},
        ),
    ],
)
def test_an_address_goes_in_the_body_and_never_in_the_address_line(
    zhengda: Any, command: tuple[str, ...], path: str, body: dict[str, str]
) -> None:
    asked: list[Any] = []
    zhengda.service.routes["POST", path] = answers(ENTRY, asked)
    assert zhengda("suppressions", *command) == 0
    assert asked == [body]
    assert "gone" in zhengda.out


def test_a_no_is_not_lifted_and_the_answer_says_who_can(zhengda: Any) -> None:
    zhengda.service.routes["POST", f"{BASE}/lift"] = lambda _: problem(409, "only they take that back")
    assert zhengda("suppressions", "lift", "a@b.cn", "--reason", "x") == 1
    assert "only they take that back" in zhengda.err


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a@b.cn\n13812340000\n", [("a@b.cn", None, "imported"), ("13812340000", None, "imported")]),
        (
            "地址,渠道,原因\na@b.cn,邮件,停用\n13812340000,短信,\n",
            [("a@b.cn", "email", "停用"), ("13812340000", "sms", "imported")],
        ),
        ("reason,address,note\nx,a@b.cn,y\n", [("a@b.cn", None, "x")]),
    ],
)
def test_a_list_is_put_on_it_whatever_its_columns(
    zhengda: Any, tmp_path: Path, text: str, rows: list[tuple[str, str | None, str]]
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode("gb18030"))
    asked: list[Any] = []
    zhengda.service.routes["POST", f"{BASE}/import"] = answers(
        {"added": len(rows), "known": 0, "refused": []}, asked
    )
    assert zhengda("suppressions", "import", file) == 0
    assert [(row["address"], row.get("channel"), row["reason"]) for row in asked[0]["rows"]] == rows


def test_a_refused_row_is_named_by_its_line_and_the_others_are_in(zhengda: Any, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("address\na@b.cn\n\nnobody\n")
    refused = [{"row": 2, "reason": "address: not a telephone number"}]
    zhengda.service.routes["POST", f"{BASE}/import"] = answers({"added": 1, "known": 0, "refused": refused})
    assert zhengda("suppressions", "import", file) == 5
    assert "line 4: address: not a telephone number" in zhengda.err


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_list_says_so(zhengda: Any, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "list.csv"
    if content is not None:
        file.write_bytes(content)
    assert zhengda("suppressions", "import", file) == 1
    assert str(file) in zhengda.err.replace("\n", "")


def test_the_whole_list_is_written_as_csv(zhengda: Any, tmp_path: Path) -> None:
    pages = {None: ([ENTRY], "2"), "2": ([ENTRY | {"reason": "a,b"}], None)}

    def page(request: httpx.Request) -> httpx.Response:
        found, following = pages[request.url.params.get("after")]
        return httpx.Response(200, json={"suppressions": found, "next": following})

    zhengda.service.routes["GET", BASE] = page
    file = tmp_path / "out.csv"
    assert zhengda("suppressions", "export", file) == 0
    lines = file.read_text("utf-8").splitlines()
    assert lines[0] == "channel,reason,at,subscribers,index,said"
    assert lines[1].startswith("email,gone,2026-03-01T00:00:00.000Z,S-1;S-2,a1a1")
    assert lines[2].startswith('email,"a,b",')
    assert file.stat().st_mode & 0o777 == 0o600
    assert zhengda("suppressions", "export") == 0
    assert zhengda.out.splitlines() == lines


def test_bounces_are_counted_and_listed(zhengda: Any) -> None:
    row = {"at": "x", "word": "gone", "status": "5.1.1", "delivery_id": None, "parked": "no_delivery_named"}
    asked: list[Any] = []
    content = {"counts": {"gone": 7}, "bounces": [row], "next": "more"}
    zhengda.service.routes["GET", "/api/v1/bounces"] = answers(content, asked)
    assert zhengda("bounces", "--word", "gone", "--parked") == 0
    assert asked == [{"word": "gone", "parked": "True", "limit": "100"}]
    assert "no_delivery_named" in zhengda.out
    assert "7" in zhengda.out
    assert "--after more" in zhengda.err
    assert zhengda("bounces", "--json") == 0
    assert zhengda.json == content
