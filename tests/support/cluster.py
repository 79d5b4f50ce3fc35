"""The service spread over processes: an API that also sweeps, and two workers, on Kafka, PostgreSQL and Redis."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from tests.servers.kafka import KafkaServer
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.support.service import ServiceProcess


@dataclass(frozen=True)
class Cluster:
    """The processes and the servers that they share."""

    api: ServiceProcess
    workers: tuple[ServiceProcess, ...]
    kafka: KafkaServer
    postgres: PostgresServer
    redis: RedisServer
    database_url: str
    """As SQLAlchemy takes it."""

    @property
    def processes(self) -> tuple[ServiceProcess, ...]:
        """Everything of ours."""
        return (self.api, *self.workers)

    def shards(self) -> list[set[int]]:
        """The shards that each worker said to hold when it last got its partitions."""
        return [
            set(said[-1]["shards"]) if (said := w.events("streams.ready")) else set() for w in self.workers
        ]

    def bring_back(self) -> None:
        """Start whatever does not run, so that one test's failure is not the next one's."""
        for server in (self.kafka, self.postgres, self.redis):
            if server.pid is None:
                server.start()
        for process in self.processes:
            if process.pid is None:
                process.start(wait=False)
        for process in self.processes:
            process.wait_ready(90.0)

    def last_words(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {process.name}\n{process.last_words()}" for process in self.processes)


@contextmanager
def cluster(
    folder: Path,
    kafka: KafkaServer,
    postgres: PostgresServer,
    redis: RedisServer,
    database: str,
    *,
    workers: int = 2,
    **settings: str,
) -> Iterator[Cluster]:
    """Start an API with the scheduler and ``workers`` workers; afterwards nothing of them is left.

    Args:
        folder: each process gets a folder of its own in it.
        kafka: of nobody else's: topics and group have fixed names.
        postgres: where ``database`` is.
        redis: empty.
        database: URL of an empty database, as ZHENGDA_DATABASE takes it.
        workers: how many.
        settings: ``ZHENGDA_*`` for all of them.
    """
    shared = {
        "ZHENGDA_BROKER": kafka.url,
        "ZHENGDA_DATABASE": database,
        "ZHENGDA_REDIS": redis.url,
        "ZHENGDA_MASTER_KEYS": Fernet.generate_key().decode(),
        "ZHENGDA_PUBLIC_URL": "http://zhengda.example.cn",
        **settings,
    }
    api = ServiceProcess(folder / "api", roles=("api", "scheduler"), **shared)
    working = tuple(
        ServiceProcess(folder / f"worker-{n + 1}", roles=("worker",), **shared) for n in range(workers)
    )
    with ExitStack() as stack:
        for process in (api, *working):
            stack.callback(process.close)
        api.start()  # first, so that the operator's key lands in its folder
        for worker in working:
            worker.start(wait=False)
        for worker in working:
            worker.wait_ready(90.0)
        yield Cluster(
            api,
            working,
            kafka,
            postgres,
            redis,
            database.replace("postgresql://", "postgresql+asyncpg://", 1),
        )


def spread(shards: list[set[int]], total: int) -> bool:
    """Whether every worker holds some shards, no shard is held twice and none is missing."""
    return all(shards) and sum(map(len, shards)) == total and set[int]().union(*shards) == set(range(total))
