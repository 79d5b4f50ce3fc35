"""A real Kafka broker of the tests' own: one KRaft node, that can be killed and started again."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.servers.ports import free_port
from tests.servers.processes import kill9, spawn, stop, wait_until

JARS = Path(__file__).resolve().parents[2] / "kafka" / "target" / "jars"
START_LIMIT_S = 90.0
STOP_LIMIT_S = 30.0
LARGEST_MESSAGE = 4 * 1024 * 1024

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
"""

_LOG4J = """\
Configuration:
  status: warn
  Appenders:
    Console:
      name: out
      PatternLayout:
        pattern: "%d %p %c{1} %m%n"
  Loggers:
    Root:
      level: warn
      AppenderRef:
        ref: out
"""


def kafka_jars() -> tuple[Path | None, str]:
    """The directory with the broker's jars, or None and why there is none (a reason to skip)."""
    if shutil.which("java") is None:
        return None, "Kafka needs Java 17, which is not installed"
    if not list(JARS.glob("kafka_2.13-4.*.jar")):
        return None, "Kafka's jars are missing: run `make kafka` (needs Maven)"
    return JARS, ""


class KafkaServer:
    """A broker that can be killed and started again with the same data and ports.

    Args:
        jars: The directory that `kafka_jars` found.
    """

    def __init__(self, jars: Path) -> None:
        self._classpath = f"{jars}/*"
        self.port, controller_port = free_port(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-kafka-")).resolve()
        self._process: subprocess.Popen[Any] | None = None
        (self.folder / "log4j2.yaml").write_text(_LOG4J)
        (self.folder / "server.properties").write_text(
            _PROPERTIES.format(
                port=self.port,
                controller_port=controller_port,
                data=self.folder / "data",
                largest=LARGEST_MESSAGE,
            )
        )

    @property
    def address(self) -> str:
        """host:port, as Kafka clients take it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As ZHENGDA_BROKER takes it."""
        return f"kafka://{self.address}"

    @property
    def pid(self) -> int | None:
        """The pid of the broker while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Format the data directory if it is new, start the broker, return when it answers."""
        if not (self.folder / "data").exists():
            self._format()
        with (self.folder / "log").open("ab") as log:
            self._process = spawn(
                "kafka",
                [*self._java("-Xms128m", "-Xmx512m"), "kafka.Kafka", self._properties],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        if (
            not wait_until(lambda: self.pid is None or _answers(self.port), START_LIMIT_S, every_s=0.1)
            or not self.pid
        ):
            words = (self.folder / "log").read_text(errors="replace")[-2000:]
            raise TimeoutError(f"Kafka did not start:\n{words}")

    def kill9(self) -> None:
        """Kill the broker with -9."""
        assert self._process is not None, "Kafka was not started"
        kill9(self._process)
        self._process = None

    def restart(self) -> None:
        """Start again on the same ports and data, after a crash or after an orderly stop."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop in order; nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process, timeout_s=STOP_LIMIT_S)
            self._process = None

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")

    def _java(self, *heap: str) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}"
        return ["java", *heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", log4j, "-cp", self._classpath]

    def _format(self) -> None:
        tool = [
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            _cluster_id(),
            "-c",
            self._properties,
        ]
        done = subprocess.run([*self._java("-Xmx128m"), *tool], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"Kafka's storage was not formatted: {done.stdout}{done.stderr}")


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=").replace("-", "A")


def _answers(port: int) -> bool:
    """Whether the broker answers a protocol request (an open port alone comes earlier)."""
    body = (
        b"\x00\x12\x00\x00\x00\x00\x00\x01\x00\x04test"  # ApiVersions v0, correlation id 1, client id "test"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(len(body).to_bytes(4, "big") + body)
            return len(connection.recv(4)) == 4
    except OSError:
        return False
