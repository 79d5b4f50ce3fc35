"""A Kannel of the tests' own (bearerbox and smsbox), and the carrier behind it, which the tests play themselves."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from tests.servers.ports import free_port, port_answers, wait_for_port
from tests.servers.processes import spawn, stop, wait_until

USER, PASSWORD, SENDER = "gov", "gov-secret", "10690001"

PART = 67  # characters of a full part in UCS-2
CODINGS = {"ucs-2": "utf-16-be", "udh": "utf-16-be", "data": "utf-8"}  # we send nothing but UCS-2

CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
status-password = {password}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
log-file = "{folder}/bearerbox.log"
log-level = 1
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = carrier
host = 127.0.0.1
port = {carrier}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 1
http-request-retry = 3
http-queue-delay = 1
mo-recode = true

group = sendsms-user
username = {user}
password = {password}
default-sender = {sender}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{incoming}"
"""


def kannel_programs() -> tuple[str, str] | None:
    """The paths of `bearerbox` and `smsbox`; None when Kannel is not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    found = shutil.which("bearerbox", path=path), shutil.which("smsbox", path=path)
    return (found[0], found[1]) if found[0] and found[1] else None


@dataclass(frozen=True)
class Carried:
    """A message (or a part of one) as the carrier got it."""

    sender: str
    number: str
    text: str
    part: bool


class Carrier:
    """The far side of Kannel's `fake` SMSC: takes what goes out, says what people answer.

    The protocol is a line per message: sender, receiver, kind, and the content percent-encoded. Kannel's end reports
    each message as delivered as soon as it has written it.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5.0)
        self._socket.setblocking(False)
        self._taken: list[Carried] = []
        self._begun = b""  # of a line whose end has not come
        self._reading = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def taken(self) -> list[Carried]:
        """Everything that came so far; what was reported as delivered has come."""
        self._drain()
        return list(self._taken)

    def texts(self, number: str) -> list[str]:
        """The texts that came for a number; the parts of a long one are put together."""
        found, whole = [], True
        for one in self.taken():
            if one.number == number:
                found.append(found.pop() + one.text if one.part and not whole else one.text)
                whole = not one.part or len(one.text) < PART
        return found

    def answer(self, number: str, text: str, to: str = SENDER) -> None:
        """Say `text` from `number`."""
        self._socket.sendall(f"{number} {to} data {quote(text)}\n".encode("ascii"))

    def close(self) -> None:
        """Hang up."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(5.0)
        self._socket.close()

    def _read(self) -> None:
        while self._drain():
            select([self._socket], [], [])

    def _drain(self) -> bool:
        """Take what has come; False when nothing more will."""
        with self._reading:
            try:
                while some := self._socket.recv(65536):
                    *lines, self._begun = (self._begun + some).split(b"\n")
                    for line in lines:
                        self._take(line.decode("ascii"))
            except BlockingIOError:
                return True
            except ConnectionError:  # Kannel was killed
                pass
            return False

    def _take(self, line: str) -> None:
        sender, number, kind, *content = line.split(" ")
        if kind in CODINGS:
            # As in a form, a plus is a blank.
            raw = unquote_to_bytes(content[-1].replace("+", " "))
            self._taken.append(Carried(sender, number, raw.decode(CODINGS[kind], "replace"), kind == "udh"))


class KannelServer:
    """One Kannel on free ports of 127.0.0.1; ``programs`` are those that `kannel_programs` found."""

    def __init__(self, programs: tuple[str, str]) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-kannel-")).resolve()
        self.ports = {name: free_port() for name in ("admin", "smsbox", "carrier", "sendsms")}
        self._processes: list[subprocess.Popen[Any]] = []
        self.carrier: Carrier | None = None

    @property
    def url(self) -> str:
        """As ZHENGDA_SMS_URL takes it."""
        return f"kannel://{USER}:{PASSWORD}@127.0.0.1:{self.ports['sendsms']}"

    def start(self, incoming: str = "http://127.0.0.1:1/", config: str | None = None) -> Carrier:
        """Start both boxes and the carrier, and wait until messages can go.

        Replies go to ``incoming``. A ``config`` of the test's own has to name the ports of ``ports``.
        """
        bearerbox, smsbox = self.programs
        known = {"folder": self.folder, "user": USER, "password": PASSWORD, "sender": SENDER}
        text = config or CONFIG.format(**self.ports, **known, incoming=incoming)
        (self.folder / "kannel.conf").write_text(text, encoding="utf-8")
        self._box("bearerbox", bearerbox, "smsbox")
        self.carrier = self._connect()
        self._box("smsbox", smsbox, "sendsms")
        return self.carrier

    def stop(self) -> None:
        """Stop everything; nothing happens when it does not run."""
        if self.carrier is not None:
            self.carrier.close()
            self.carrier = None
        while self._processes:
            stop(self._processes.pop())

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def said(self) -> str:
        """The ends of its logs."""
        return "\n".join(
            path.read_text(errors="replace")[-1500:] for path in sorted(self.folder.glob("*.log"))
        )

    def _box(self, name: str, program: str, port: str) -> None:
        with (self.folder / f"{name}.out.log").open("ab") as out:
            process = spawn(
                name,
                [program, "-v", "4", self.folder / "kannel.conf"],
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        self._processes.append(process)
        if not wait_for_port(self.ports[port]):
            raise TimeoutError(f"Kannel's {name} did not start:\n{self.said()}")

    def _connect(self) -> Carrier:
        if not wait_until(lambda: port_answers(self.ports["carrier"]), 15.0):
            raise TimeoutError(f"Kannel's SMSC did not start:\n{self.said()}")
        return Carrier(self.ports["carrier"])
