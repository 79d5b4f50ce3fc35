"""Starts the roles of one process and ends them in order."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, nullcontext
from datetime import timedelta
from typing import Any

import uvicorn
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config.logging import configure_logging, get_logger
from config.settings import Settings
from service.demo.load import load_demo
from service.discovery import discovery_path, write_discovery
from service.first_start import Keys, first_start
from service.house import House, open_house
from service.keeper import Keeper
from service.scheduler import run_scheduler
from service.supervisor import ValkeySupervisor
from service.terminal import Terminal

log = get_logger(__name__)

ROLES = ("worker", "api", "scheduler")
REDIS_TIMEOUT_S = 2.0


class CannotStart(Exception):
    """The service cannot start as it is set up; the message says which setting to change."""


def run(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """Run the service until SIGINT or SIGTERM.

    Raises:
        CannotStart: the roles do not go together with the settings.
    """
    if set(roles) != set(ROLES):
        shared = settings.broker.startswith("kafka") and settings.database.startswith("postgresql")
        if not shared or settings.embedded_redis:
            raise CannotStart(
                "single roles share state over the network: set ZHENGDA_BROKER=kafka://…, "
                "ZHENGDA_DATABASE=postgresql://… and ZHENGDA_REDIS=redis://…"
            )
    terminal = Terminal(settings)
    configure_logging(settings.log_format, terminal.see)
    asyncio.run(_serve(settings, roles, terminal))


async def _serve(settings: Settings, roles: Sequence[str], terminal: Terminal) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        redis, news = await _redis(settings, stack)
        keeper = Keeper(settings)
        house = await open_house(settings, keeper.produce, news)
        stack.push_async_callback(house.close)
        keys = await first_start(house)
        terminal.show_keys(keys)
        running: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait(), name="stop")]
        # Whatever ends first ends the process: a signal as wished, a failure as an error that the supervisor sees.
        running += [
            asyncio.create_task(work, name=name)
            for name, work in _works(settings, roles, house, keeper, redis, keys, terminal)
        ]
        try:
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(running)
            await keeper.close()
        for task in done:
            task.result()


def _works(
    settings: Settings,
    roles: Sequence[str],
    house: House,
    keeper: Keeper,
    redis: Redis | None,
    keys: Keys,
    terminal: Terminal,
) -> list[tuple[str, Coroutine[Any, Any, None]]]:
    written = asyncio.Event()  # set once the log can be written to

    async def after_writer(work: Coroutine[Any, Any, None]) -> None:
        await written.wait()
        await work

    async def writer() -> None:
        await keeper.open_writer()
        written.set()
        await asyncio.Event().wait()

    works: list[tuple[str, Coroutine[Any, Any, None]]] = [("writer", writer())]
    # Every role answers /healthz; the routes of the API are there for all, the compose file exposes only its own.
    works.append(("api", _answer(house, keeper, keys, terminal, "worker" in roles)))
    if "worker" in roles:
        works.append(("worker", after_writer(keeper.work(house.desk()))))
    if "scheduler" in roles:
        after = timedelta(hours=settings.email_delivered_after_h)
        works.append(
            ("scheduler", after_writer(run_scheduler(house.desk(), redis, email_delivered_after=after)))
        )
    if settings.demo and set(roles) == set(ROLES):
        works.append(("demo", after_writer(_demo(house, keys))))
    return works


async def _demo(house: House, keys: Keys) -> None:
    await load_demo(house, keys)
    await asyncio.Event().wait()


async def _answer(house: House, keeper: Keeper, keys: Keys, terminal: Terminal, working: bool) -> None:
    from service.api.app import create_app

    settings = house.settings
    app = create_app(house, lambda: {"streams": keeper.state} if working else {})
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]  # signals are ours
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        if serving.done():
            raise CannotStart(f"port {settings.port} is taken: set ZHENGDA_PORT")
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://{'127.0.0.1' if settings.host == '0.0.0.0' else settings.host}:{port}"
        write_discovery(
            discovery_path(settings.data),
            url=url,
            pid=os.getpid(),
            operator_key=keys.operator,
            reviewer_key=keys.reviewer,
            publisher_key=keys.publisher,
        )
        terminal.show_addresses(url)
        await serving
    finally:
        server.should_exit = True
        server.force_exit = True
        await asyncio.gather(serving, return_exceptions=True)


async def _redis(settings: Settings, stack: AsyncExitStack) -> tuple[Redis, Redis]:
    url = settings.redis
    if settings.embedded_redis:
        supervisor = ValkeySupervisor(settings.data / "valkey")
        url = await supervisor.start()
        stack.push_async_callback(supervisor.stop)
        watch = asyncio.create_task(supervisor.watch())
        stack.push_async_callback(_end, [watch])
    quick = Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )
    # Who listens for news waits as long as it takes: no read time-out there.
    patient = Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT_S, retry=Retry(NoBackoff(), 1))
    stack.push_async_callback(quick.aclose)
    stack.push_async_callback(patient.aclose)
    return quick, patient


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
