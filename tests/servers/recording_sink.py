"""The program that `RecordingSink` runs: an SMTP server that writes down what it takes before it says 250."""

import argparse
import asyncio
import json
import os
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Recorder:
    """An aiosmtpd handler; one line of JSON per recipient goes to `received.jsonl` in a single write."""

    def __init__(self, folder: Path, delay_s: float, keep: bool) -> None:
        self.folder = folder
        self.delay_s = delay_s
        self.keep = keep
        self._file = os.open(folder / "received.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._answers: dict[str, dict[str, str]] = {"rcpt": {}, "data": {}}
        self._answers_of = 0
        self._end_a_cut_line()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._answer("rcpt", address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        content = bytes(envelope.content or b"")
        recipients = [str(address) for address in envelope.rcpt_tos]
        refusals = [line for address in recipients if (line := self._answer("data", address))]
        if refusals:
            return refusals[0]
        now = time.time()
        message_id = str(BytesHeaderParser().parsebytes(content).get("Message-ID", "")).strip()
        if self.keep:
            (self.folder / "kept").mkdir(exist_ok=True)
            (self.folder / "kept" / f"{time.time_ns():020d}.eml").write_bytes(content)
        rows = ({"rcpt": address, "message_id": message_id, "at": now} for address in recipients)
        os.write(self._file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
        return "250 2.0.0 OK"

    def _answer(self, stage: str, address: str) -> str | None:
        """The canned reply, read again whenever its file has changed."""
        path = self.folder / "replies.json"
        if path.exists() and (changed := path.stat().st_mtime_ns) != self._answers_of:
            self._answers = json.loads(path.read_text(encoding="utf-8"))
            self._answers_of = changed
        answers = self._answers[stage]
        return answers.get(address, answers.get("*"))

    def _end_a_cut_line(self) -> None:
        """A kill may have cut the last line: remove its rest, it was never acknowledged."""
        path = self.folder / "received.jsonl"
        whole = path.read_bytes().rpartition(b"\n")
        os.truncate(path, len(whole[0]) + len(whole[1]))


async def serve(port: int, recorder: Recorder) -> None:
    loop = asyncio.get_running_loop()

    def protocol() -> Any:
        return SMTP(recorder, enable_SMTPUTF8=True, loop=loop, ident="recording sink")

    server = await loop.create_server(protocol, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--delay-s", type=float, default=0.0)
    arguments.add_argument("--keep", action="store_true")
    given = arguments.parse_args()
    asyncio.run(serve(given.port, Recorder(given.folder, given.delay_s, given.keep)))


if __name__ == "__main__":
    main()
