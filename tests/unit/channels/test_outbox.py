import errno
import json
import os
from pathlib import Path

import pytest

from channels.errors import TemporaryError
from channels.message import Occasion, Receipt
from channels.outbox import SandboxChannel, read_outbox
from tests.servers.messages import content, message


def lines(directory: Path, channel: str, day: str = "2026-07-01") -> list[dict[str, str]]:
    text = (directory / channel / f"{day}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


async def test_a_line_says_what_would_have_left(tmp_path: Path) -> None:
    await SandboxChannel("email", tmp_path).send([message(1)])
    (line,) = lines(tmp_path, "email")
    assert line["address"] == "u***@e***.cn"
    assert line["delivery_id"] == message(1).delivery_id
    assert line["subject"] == message(1).content.title
    assert "因为您订阅了“软件业扶持”" in line["text"]
    assert line["at"] == "2026-06-30T17:30:00+00:00"


async def test_the_day_is_shanghais(tmp_path: Path) -> None:
    await SandboxChannel("email", tmp_path).send([message(1)])  # 17:30 in UTC, half past one there
    assert [path.name for path in (tmp_path / "email").iterdir()] == ["2026-07-01.jsonl"]


@pytest.mark.parametrize(
    ("channel", "address", "masked"),
    [
        ("email", "zhang.san@example.cn", "z***@e***.cn"),
        ("sms", "13812340000", "138****0000"),
        ("space", "ent-000001", "e***"),
        ("webhook", "https://hook.example.cn/secret", "h***"),
    ],
)
async def test_neither_address_nor_token_is_on_disk(
    tmp_path: Path, channel: str, address: str, masked: str
) -> None:
    spoken = message(1, address=address, recipient=f"联系人 {address}")
    (outcome,) = await SandboxChannel(channel, tmp_path).send([spoken])
    assert isinstance(outcome, Receipt)
    written = (tmp_path / channel / "2026-07-01.jsonl").read_text(encoding="utf-8")
    assert address not in written
    assert "secret-token" not in written
    assert lines(tmp_path, channel)[0]["address"] == masked


async def test_a_token_in_a_query_is_not_on_disk_either(tmp_path: Path) -> None:
    url = "https://push.example.cn/unsubscribe?token=secret-token-1"
    await SandboxChannel("email", tmp_path).send([message(1, unsubscribe_url=url)])
    assert "secret-token" not in (tmp_path / "email" / "2026-07-01.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("channel", "secret"), [("email", "https://push.example.cn/join/confirm/secret-token"), ("sms", "042137")]
)
async def test_what_a_notice_is_good_for_is_masked_but_in_a_demo(
    tmp_path: Path, channel: str, secret: str
) -> None:
    notice = message(1, content=content(occasion=Occasion.CONFIRM), secret=secret, unsubscribe_url="")
    for shows in (False, True):
        directory = tmp_path / str(shows)
        await SandboxChannel(channel, directory, shows_secrets=shows).send([notice])
        assert (secret in lines(directory, channel)[0]["text"]) is shows


async def test_a_text_message_carries_the_signature(tmp_path: Path) -> None:
    await SandboxChannel("sms", tmp_path, "云山政策").send([message(1, address="13812340000")])
    assert lines(tmp_path, "sms")[0]["text"].startswith("【云山政策】")


async def test_the_newest_comes_first_and_pages_join_without_gap_or_repetition(tmp_path: Path) -> None:
    channel = SandboxChannel("email", tmp_path)
    long = content(summary="很长的摘要" * 300)
    for start in range(0, 60, 20):
        await channel.send([message(n, content=long) for n in range(start, start + 20)])
    await channel.send([message(n, at=message(n).at.replace(month=5)) for n in range(60, 65)])
    seen: list[str] = []
    after = None
    while page := read_outbox(tmp_path, "email", 7, after):
        seen += [entry.delivery_id for entry in page]
        after = page[-1].cursor
        assert len(seen) <= 65
    wanted = [*range(59, -1, -1), *range(64, 59, -1)]  # May is older than July
    assert seen == [message(n).delivery_id for n in wanted]


def test_an_outbox_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert read_outbox(tmp_path, "email", 10) == []


@pytest.mark.parametrize("channel", ["../email", "a/b", ""])
def test_only_a_channels_name_is_read(tmp_path: Path, channel: str) -> None:
    with pytest.raises(ValueError, match="channel"):
        read_outbox(tmp_path, channel, 10)


def test_a_wrong_cursor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="int"):
        read_outbox(tmp_path, "email", 10, "2026-07-01:x")


async def test_a_torn_line_hurts_neither_its_neighbours_nor_the_next_batch(tmp_path: Path) -> None:
    channel = SandboxChannel("email", tmp_path)
    await channel.send([message(1)])
    path = tmp_path / "email" / "2026-07-01.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at":"2026-06-30T17:3')
    await channel.send([message(2)])
    assert [entry.delivery_id[-1] for entry in read_outbox(tmp_path, "email", 10)] == ["2", "1"]


async def test_a_full_disk_is_temporary_and_leaves_no_half_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = SandboxChannel("email", tmp_path)
    await channel.send([message(1)])
    whole = (tmp_path / "email" / "2026-07-01.jsonl").read_bytes()
    write = os.write
    calls = iter(range(100))

    def full(file: int, data: bytes) -> int:
        if next(calls):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:50])

    monkeypatch.setattr(os, "write", full)
    outcomes = await channel.send([message(2), message(3)])
    monkeypatch.undo()
    assert {type(outcome) for outcome in outcomes} == {TemporaryError}
    assert (tmp_path / "email" / "2026-07-01.jsonl").read_bytes() == whole
    assert all(isinstance(outcome, Receipt) for outcome in await channel.send([message(2), message(3)]))


async def test_a_folder_that_cannot_be_made_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "email").write_text("a file is in the way")
    (outcome,) = await SandboxChannel("email", tmp_path).send([message(1)])
    assert isinstance(outcome, TemporaryError)


async def test_a_batch_is_synced_before_it_is_called_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(os.fstat(file).st_size), fsync(file)))
    await SandboxChannel("email", tmp_path).send([message(n) for n in range(50)])
    assert synced == [(tmp_path / "email" / "2026-07-01.jsonl").stat().st_size]
