"""A PostgreSQL of the tests' own, in a folder of its own, that can be killed and started again."""

import contextlib
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.servers.ports import free_port
from tests.servers.processes import kill9, pid_alive, pids_working_in, spawn, stop, wait_until

USER = "zhengda"
COPYING_IS_AN_OPTION = (
    15  # the first release that, unless told otherwise, writes a new database through its log
)

# Who still writes is sent away first; then the tables that were ever written to become as new.
EMPTY = """
DO $$
DECLARE used text;
BEGIN
  LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
    EXIT WHEN NOT FOUND;
    PERFORM pg_sleep(0.005);
  END LOOP;
  SELECT string_agg(format('%I', relname), ', ') INTO used FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
      AND pg_relation_size(oid) > 0;
  IF used IS NOT NULL THEN
    EXECUTE 'TRUNCATE ' || used || ' RESTART IDENTITY CASCADE';
  END IF;
END $$
"""
FREEZE = """
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the tables of this database are shared by tests: take empty_record_url to change them';
END $$;
CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION refuse();
"""


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest one of this machine; None when there is none."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debian, key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


class PostgresServer:
    """One PostgreSQL server on a free port of 127.0.0.1, user `zhengda`, no password.

    A commit that was answered survives `kill9`; a power cut it would not survive (fsync is off, the machine is
    not what these tests end).
    """

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-postgres-")).resolve()
        self.data = self.folder / "data"
        self._copying = ["--strategy=file_copy"] if self._release() >= COPYING_IS_AN_OPTION else []
        self._names = itertools.count(1)
        self._process: subprocess.Popen[Any] | None = None
        self._as_user = self._unprivileged()
        self._run(
            "initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )

    @property
    def url(self) -> str:
        """The maintenance database; tests take one of their own from `create_database`."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The URL of one database, as ZHENGDA_DATABASE takes it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
            "shared_buffers": "64MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = spawn(
                "postgres",
                [self.programs / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user,
            )
        if not wait_until(self._ready, 30.0, every_s=0.1):
            raise TimeoutError(
                "PostgreSQL did not start:\n" + (self.folder / "log").read_text(errors="replace")[-2000:]
            )

    def create_database(self) -> str:
        """Make an empty database and return its URL.

        Files are copied: through the log, which is what PostgreSQL does by itself, it takes ten times as long.
        """
        name = f"zhengda_{os.getpid()}_{next(self._names)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, *self._copying, name)
        return self.url_of(name)

    def freeze_tables(self, url: str) -> None:
        """From now on a test that changes this database's tables, and not only their rows, fails."""
        self._say(url, FREEZE)

    def empty_tables(self, url: str) -> None:
        """Send away who is connected to this database and take every row out of it: cheaper than a new one."""
        self._say(url, EMPTY)

    def drop_database(self, url: str) -> None:
        """Remove a database again, whoever is still connected."""
        name = url.rpartition("/")[2]
        self._run(
            "dropdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "--if-exists", "--force", name
        )

    def kill9(self) -> None:
        """Kill the server and everything it has forked with -9: a crash, as the kernel's OOM killer makes one."""
        assert self._process is not None, "PostgreSQL was not started"
        kill9(self._process)
        for pid in pids_working_in(self.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: not pids_working_in(self.data), 10.0):
            raise TimeoutError("processes of the killed PostgreSQL are still there")
        self._process = None

    def restart(self) -> None:
        """Start again on the same port and data, after a crash or after an orderly stop."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop in order (open connections are closed); nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process, signal.SIGINT, 20.0)
            self._process = None

    @property
    def pid(self) -> int | None:
        """The pid of the server while it runs."""
        running = self._process is not None and pid_alive(self._process.pid)
        return self._process.pid if running and self._process else None

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            return False
        probe = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        return subprocess.run(probe, check=False).returncode == 0

    def _unprivileged(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: root runs it as the user `postgres`, who gets the folder."""
        if os.geteuid() != 0:
            return {}
        user = pwd.getpwnam("postgres")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _say(self, url: str, sql: str) -> None:
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql)

    def _release(self) -> int:
        """15 of `postgres (PostgreSQL) 15.6 (Debian 15.6-1)`."""
        said = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        found = re.search(r"\d+", said)
        assert found, f"postgres --version says {said!r}"
        return int(found[0])

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
