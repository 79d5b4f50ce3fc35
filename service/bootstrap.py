"""Starts the roles of one process and ends them in order."""

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from channels.email import SmtpServer, signer_of
from channels.email.bounces import load_rules
from channels.email.plain import send_plain
from config.logging import configure_logging, get_logger
from config.settings import Settings
from config.unknown_settings import unknown_settings
from service.bounces import receive_bounces
from service.data_lock import sole_user
from service.demo.load import load_demo
from service.first_start import Keys, first_start
from service.house import House, open_house
from service.keeper import Keeper
from service.scheduler import run_scheduler
from service.serving import answer, listen, url_of
from service.start_check import ANOTHER_DATA, misspelt, mistakes
from service.supervisor import ValkeySupervisor
from service.terminal import Terminal
from streams.alerts.far_sides import watch_far_sides
from streams.alerts.mail import Write

log = get_logger(__name__)

ROLES = ("worker", "api", "scheduler")
REDIS_TIMEOUT_S = 2.0
GARBAGE = (10_000, 5, 2_000)  # objects, and collections of the younger generation, before a collection


class CannotStart(Exception):
    """The service cannot start as it is set up; the message has a line for each setting or file to mend.

    Nothing was started and nothing was made.
    """


def run(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """Run the service until SIGINT or SIGTERM.

    Raises:
        CannotStart: the roles do not go together with the settings, or what these name cannot be used.
    """
    terminal = Terminal(settings)
    configure_logging(settings.log_format, terminal.see)
    for name, near in unknown_settings(os.environ):
        log.warning("setting.unknown", name=name, did_you_mean=near)
    if wrong := [*_lacking_for(settings, roles), *mistakes(settings)]:
        raise CannotStart("\n".join([*wrong, *misspelt(os.environ)]))
    # The matching index is a large heap that lives long: with Python's own thresholds walking it again and again took a
    # sixth of a long import's time, in pauses of up to a second (measured: 18.0 s of processor became 15.0). The oldest
    # objects are walked rarely, the younger ones in small steps: of 250,000 at once the pause is a tenth of a second.
    gc.set_threshold(*GARBAGE)
    # uvloop: sockets are what sending mail spends its time on.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, roles, terminal))


def _lacking_for(settings: Settings, roles: Sequence[str]) -> list[str]:
    shared = settings.broker.startswith("kafka") and settings.database.startswith("postgresql")
    if set(roles) == set(ROLES) or (shared and not settings.embedded_redis):
        return []
    return [
        "single roles share state over the network: set ZHENGDA_BROKER=kafka://…, "
        "ZHENGDA_DATABASE=postgresql://… and ZHENGDA_REDIS=redis://…"
    ]


async def _serve(settings: Settings, roles: Sequence[str], terminal: Terminal) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        # Names, profiles and the outbox lie in it: for this user only. One that is there already keeps its mode.
        try:
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:  # what no look beforehand can tell: /proc says that root may write there
            raise CannotStart(f"ZHENGDA_DATA: {settings.data}: {exc.strerror}; {ANOTHER_DATA}") from exc
        if settings.keeps_state_in_data:
            stack.enter_context(sole_user(settings.data))
        listening = stack.enter_context(listen(settings.host, settings.port))
        redis, news = await _redis(settings, stack)
        keeper = Keeper(settings)
        bounce_rules = load_rules(settings.mail_bounces)
        house = await open_house(settings, keeper.produce, news, keeper.produce_all)
        stack.push_async_callback(house.close)
        stack.push_async_callback(keeper.close)
        demo = settings.demo and set(roles) == set(ROLES)  # single roles belong to an office at work
        keys = await first_start(house, demo=demo)
        terminal.show_keys(keys)
        terminal.show_addresses(url_of(listening))
        running: list[asyncio.Task[Any]] = [
            asyncio.create_task(stop.wait(), name="stop"),
            # Every role answers: /healthz for all; which of them the outside reaches is the operator's choice.
            asyncio.create_task(answer(house, keys, listening, partial(_health, keeper, roles)), name="http"),
            asyncio.create_task(_flow(house, keeper, keys if demo else None, redis, roles), name="flow"),
        ]
        if "api" in roles:  # what strangers send comes to the role that answers them
            running.append(asyncio.create_task(receive_bounces(house, bounce_rules), name="bounces"))
        stack.push_async_callback(_end, running)
        # Whatever ends first ends the process: a signal as wished, a failure as an error that the operator sees.
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


def _health(keeper: Keeper, roles: Sequence[str]) -> dict[str, str]:
    return {"streams": keeper.state} if "worker" in roles else {"log": keeper.written}


async def _flow(house: House, keeper: Keeper, demo: Keys | None, redis: Redis, roles: Sequence[str]) -> None:
    """Run the roles once the log can be written to; with the demo's keys, load the demo."""
    await keeper.open_writer()
    settings = house.settings
    async with asyncio.TaskGroup() as group:
        if "worker" in roles:
            group.create_task(keeper.work(house.desk()))
            group.create_task(keeper.tend(house.real_clock))
            group.create_task(watch_far_sides(house.desk(), house.promises.down_for))
            for channel in house.standing:
                await channel.open()
        if "scheduler" in roles:
            after = timedelta(hours=settings.email_delivered_after_h)
            group.create_task(
                run_scheduler(
                    house.desk(),
                    redis,
                    house.standing,
                    email_delivered_after=after,
                    real_clock=house.real_clock,
                    promises=house.promises,
                    write=_writes_to_operator(settings),
                )
            )
        if demo is not None:
            group.create_task(load_demo(house, demo))
        await asyncio.Event().wait()


def _writes_to_operator(settings: Settings) -> Write | None:
    if settings.alert_to is None or settings.smtp_url is None:
        return None
    server = SmtpServer.from_url(settings.smtp_url)
    signer = signer_of(settings)
    return partial(send_plain, server, settings.mail_from, settings.alert_to, signer=signer)


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
