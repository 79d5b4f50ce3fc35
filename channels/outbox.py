"""The sandbox: what would have left, on disk, with every contact masked. The default where no gateway is set."""

import asyncio
import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson

from channels.channel import Outcome
from channels.errors import ContentError, TemporaryError
from channels.mask import mask_address, mask_link
from channels.message import Message, Progress, Receipt
from channels.writing.render import SIGNATURE, headline, mail_pieces, mail_slots, plain_text, sms_text
from config.clock import SHANGHAI
from config.logging import get_logger

log = get_logger(__name__)

BLOCK = 1 << 16


class SandboxChannel:
    """Stands in for any channel: writes a line per message and calls it delivered."""

    def __init__(
        self, name: str, directory: Path, signature: str = SIGNATURE, *, shows_secrets: bool = False
    ) -> None:
        """Nothing is opened here.

        Args:
            name: the channel it stands in for; it chooses what is rendered.
            directory: lines go to ``directory/name/YYYY-MM-DD.jsonl``, the day in Asia/Shanghai.
            signature: what stands in 【】 in a text message.
            shows_secrets: whether the links and codes of notices are written in the clear. Only for a demo: nothing
                else brings them to whoever tries it, and whoever reads them can confirm in another's name.
        """
        self._name = name
        self.directory = directory / name
        self.signature = signature
        self.shows_secrets = shows_secrets

    @property
    def name(self) -> str:
        """The channel it stands in for."""
        return self._name

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Write ``batch``; it is on disk when this returns. See `Channel.send`."""
        return await asyncio.to_thread(self._write, batch)

    async def close(self) -> None:
        """Do nothing: no file stays open."""

    def _write(self, batch: Sequence[Message]) -> list[Outcome]:
        outcomes: list[Outcome] = [Receipt(Progress.DELIVERED, message.delivery_id) for message in batch]
        days: defaultdict[str, list[int]] = defaultdict(list)
        lines: dict[int, bytes] = {}
        for index, message in enumerate(batch):
            try:
                lines[index] = self._line(message)
            except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
                outcomes[index] = ContentError(f"the message cannot be built: {type(exc).__name__}")
            else:
                days[f"{message.at.astimezone(SHANGHAI):%Y-%m-%d}"].append(index)
        for day, indexes in days.items():
            try:
                _append(self.directory / f"{day}.jsonl", b"".join(lines[index] for index in indexes))
            except OSError as exc:
                for index in indexes:
                    outcomes[index] = TemporaryError(f"the outbox cannot be written: {exc.strerror}")
        return outcomes

    def _line(self, message: Message) -> bytes:
        masked = mask_address(message.address)
        secret = message.secret if self.shows_secrets else _masked_secret(message.secret)
        subject, text = self._rendered(
            replace(message, unsubscribe_url=mask_link(message.unsubscribe_url), secret=secret)
        )
        token = message.unsubscribe_url.rstrip("/").rpartition("/")[2]
        # A name or a reason may repeat them; very short ones would only spoil other words.
        for secret, shown, shortest in ((message.address, masked, 5), (token, "***", 8)):
            if len(secret) >= shortest:
                subject, text = subject.replace(secret, shown), text.replace(secret, shown)
        return orjson.dumps(
            {
                "at": message.at,
                "delivery_id": message.delivery_id,
                "address": masked,
                "subject": subject,
                "text": text,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )

    def _rendered(self, message: Message) -> tuple[str, str]:
        if self._name == "sms":
            return "", sms_text(message, self.signature)
        subject = headline(message.content)
        if self._name == "email":
            return subject, mail_pieces(message.content, "txt").fill(mail_slots(message, "txt"))
        return subject, plain_text(message)


def _masked_secret(secret: str) -> str:
    return mask_link(secret) if "/" in secret else "*" * len(secret)


@dataclass(frozen=True)
class OutboxEntry:
    """A line of the outbox; ``cursor`` asks `read_outbox` for what is older."""

    cursor: str
    at: datetime
    delivery_id: str
    address: str
    subject: str
    text: str


def read_outbox(
    directory: Path, channel: str, limit: int = 50, after: str | None = None
) -> list[OutboxEntry]:
    """Return lines of the outbox, newest first. It reads files: call it in a thread.

    Args:
        directory: as `SandboxChannel` was given it.
        channel: the channel's name.
        limit: the most to return.
        after: the ``cursor`` of the last entry of the page before.

    Raises:
        ValueError: ``after`` is not a cursor, or ``channel`` no channel's name.
    """
    if not channel.isidentifier():
        raise ValueError(f"{channel!r} is no channel's name")
    until_day, _, offset = (after or "9999-99-99:0").partition(":")
    end = int(offset)
    entries: list[OutboxEntry] = []
    for path in sorted((directory / channel).glob("????-??-??.jsonl"), reverse=True):
        if path.stem > until_day:
            continue
        for start, line in _lines_backwards(path, end if path.stem == until_day else None):
            if len(entries) == limit:
                return entries
            entry = _entry(path, start, line)
            if entry is not None:
                entries.append(entry)
    return entries


def _entry(path: Path, start: int, line: bytes) -> OutboxEntry | None:
    try:
        row = orjson.loads(line)
        at = datetime.fromisoformat(row["at"])
        return OutboxEntry(
            f"{path.stem}:{start}", at, row["delivery_id"], row["address"], row["subject"], row["text"]
        )
    except (ValueError, KeyError, TypeError):
        # The machine went down while it was written; that message was not called delivered.
        log.warning("outbox_line_torn", file=path.name, offset=start)
        return None


def _append(path: Path, data: bytes) -> None:
    """Append ``data`` and make it durable, all of it or nothing; other processes may do the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file.fileno()).st_size
        if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
            data = b"\n" + data
        try:
            written = 0
            while written < len(data):
                written += os.write(file.fileno(), data[written:])
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), size)
            raise


def _lines_backwards(path: Path, end: int | None) -> Iterator[tuple[int, bytes]]:
    """Yield start and text of each line that ends before ``end`` (None: the file's end), the last one first."""
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END) if end is None else end
        rest = b""
        while position > 0:
            size = min(BLOCK, position)
            position -= size
            file.seek(position)
            first, *lines = (file.read(size) + rest).split(b"\n")
            start = position + len(first) + 1
            starts = []
            for line in lines:
                starts.append(start)
                start += len(line) + 1
            for begin, line in zip(reversed(starts), reversed(lines), strict=True):
                if line:
                    yield begin, line
            rest = first
        if rest:
            yield 0, rest
