"""A Postfix of the tests' own: it queues, refuses, tries again, and sends its bounces where it is told. Needs root."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.ports import free_port, wait_for_port
from tests.servers.processes import need, spawn, stop

FAR = "far.example.cn"  # every mailbox there takes what comes, but for those that a test names
BOUNCES = "bounce.example.gov.cn"
DAEMONS = Path("/usr/lib/postfix/sbin")

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = mx.example.cn
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = static:all
default_transport = {next_hop}
relay_transport = {next_hop}
transport_maps = texthash:{folder}/conf/transport
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/conf/at_rcpt, permit
smtpd_end_of_data_restrictions = check_recipient_access texthash:{folder}/conf/at_data, permit
smtpd_peername_lookup = no
smtpd_reject_unlisted_recipient = no
bounce_queue_lifetime = {lifetime_s}s
maximal_queue_lifetime = {lifetime_s}s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
delay_warning_time = 0
recipient_delimiter =
"""

MASTER = """
127.0.0.1:{port} inet n - n - 100 smtpd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
lmtp      unix  -       -       n       -       -       lmtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""


def postfix_program() -> str | None:
    """The path of `postfix`; None when it is not installed."""
    return shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin")


def need_postfix() -> str:
    """The path of `postfix`; without it, or without root, the test is skipped (in CI it fails)."""
    program = postfix_program()
    if program is None:
        need("Postfix is not installed (Debian: postfix)")
    if os.geteuid() != 0:
        need("Postfix is started by root only")
    assert program is not None
    return program


class PostfixServer:
    """One Postfix on a free port of 127.0.0.1, with configuration, queue and log in a folder of its own.

    Args:
        program: as `need_postfix` returned it.
        next_hop: the port where it hands on what it took; None: it is thrown away.
        bounces: the port of an SMTP server that takes mail to the domain `BOUNCES`; with ``lmtp`` an LMTP server.
            None: bounces are thrown away.
        at_rcpt: answers to RCPT, by recipient: ``{"a@far.example.cn": "550 5.1.1 no such user"}``.
        at_data: answers after the text, by recipient.
        later: what becomes of a mail after it was taken, by recipient: ``error:5.1.1 no such user`` bounces,
            ``retry:4.2.1 greylisted`` stays in the queue and bounces when ``lifetime_s`` is over.
        lifetime_s: how long a mail may stay in the queue.
    """

    def __init__(
        self,
        program: str,
        *,
        next_hop: int | None = None,
        bounces: int | None = None,
        lmtp: bool = False,
        at_rcpt: Mapping[str, str] | None = None,
        at_data: Mapping[str, str] | None = None,
        later: Mapping[str, str] | None = None,
        lifetime_s: int = 4,
    ) -> None:
        self.program = program
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-postfix-")).resolve()
        self._next_hop = f"smtp:[127.0.0.1]:{next_hop}" if next_hop else "discard:"
        returns = "discard:"
        if bounces:
            returns = f"lmtp:inet:127.0.0.1:{bounces}" if lmtp else f"smtp:[127.0.0.1]:{bounces}"
        self._tables: dict[str, Mapping[str, str]] = {
            "at_rcpt": at_rcpt or {},
            "at_data": at_data or {},
            "transport": {**(later or {}), BOUNCES: returns},
        }
        self._lifetime_s = lifetime_s
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """As ZHENGDA_SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._write()
        # It makes the directories of the queue, each its owner's.
        subprocess.run(
            [self.program, "-c", str(self.folder / "conf"), "check"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        with (self.folder / "out").open("ab") as out:
            # Not `postfix start`: that leaves the one that has to be stopped behind it.
            self._process = spawn(
                "postfix",
                [DAEMONS / "master", "-c", self.folder / "conf", "-d"],
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        if not wait_for_port(self.port):
            raise TimeoutError(f"Postfix did not start:\n{self.said()}")

    def queue(self) -> list[dict[str, Any]]:
        """What is in its queue, a dict per mail as ``postqueue -j`` shows it."""
        command = ["/usr/sbin/postqueue", "-c", str(self.folder / "conf"), "-j"]
        shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout
        return [json.loads(line) for line in shown.splitlines()]

    def said(self) -> str:
        """The end of its log."""
        logs = [self.folder / name for name in ("out", "maillog")]
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in logs if path.exists())

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def close(self) -> None:
        """Stop it and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _write(self) -> None:
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "data", "postfix")
        known = {"folder": self.folder, "daemons": DAEMONS, "next_hop": self._next_hop}
        conf = self.folder / "conf"
        (conf / "main.cf").write_text(MAIN.format(**known, lifetime_s=self._lifetime_s), encoding="utf-8")
        (conf / "master.cf").write_text(MASTER.format(port=self.port), encoding="utf-8")
        for name, table in self._tables.items():
            lines = "".join(f"{key} {value}\n" for key, value in table.items())
            (conf / name).write_text(lines, encoding="utf-8")
