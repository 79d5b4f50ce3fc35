"""The scheduler: APScheduler runs the sweeps; what is due are rows, so nothing is lost while it is down."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels.standing import StandingLine
from config.clock import Clock
from config.logging import get_logger
from config.promises import Promises
from streams import sweeps
from streams.alerts import delivery_check, forgetting
from streams.alerts.mail import Write, tell_operator
from streams.delivery import notices
from streams.desk import Desk
from streams.digests.gathering import gather_digests
from streams.far import lost as far_lost
from streams.far import queries as far_queries
from streams.far import reports as far_reports
from streams.followups import due
from streams.receipts import bounces, ended_endpoints, receipts
from streams.receipts.endpoint_answers import forget_answers
from streams.relay import record as relays

log = get_logger(__name__)

LEASE_KEY = "zhengda:scheduler"
LEASE_MS = 10_000
EVERY_S = 1.0
EVERY_SLOW_S = 30.0
EVERY_HOUR_S = 3600.0
# Two instances: the one under way, and the one that sees it and goes (see `_sweep`).
JOBS: dict[str, object] = {"coalesce": True, "max_instances": 2, "misfire_grace_time": None}


class Lease:
    """Who sweeps: the holder of a Redis key. Without Redis everybody does, which the sweeps allow."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._me = uuid.uuid4().hex
        self._sure_until = 0.0

    async def held(self) -> bool:
        """Whether this process may sweep now; takes or prolongs the lease on the way.

        The sweeps of one second ask Redis once: the lease that it found lasts ten times as long.
        """
        if self._redis is None or time.monotonic() < self._sure_until:
            return True
        try:
            mine = await self._redis.set(LEASE_KEY, self._me, nx=True, px=LEASE_MS)
            if not mine and await self._redis.get(LEASE_KEY) == self._me.encode():
                mine = await self._redis.pexpire(LEASE_KEY, LEASE_MS)
            if mine:
                self._sure_until = time.monotonic() + EVERY_S
                return True
        except (RedisError, OSError) as exc:
            log.warning("lease.without_redis", why=str(exc)[:200])
            return True
        return False


async def run_scheduler(
    desk: Desk,
    redis: Redis | None,
    standing: Sequence[StandingLine] = (),
    *,
    email_delivered_after: timedelta,
    real_clock: Clock,
    promises: Promises,
    write: Write | None = None,
) -> None:
    """Sweep until cancelled; ``standing`` is asked about what it took, ``real_clock`` is what notices last by.

    ``promises`` is what is looked after; ``write`` writes to the operator, where there is an address.
    """
    lease = Lease(redis)
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=JOBS)
    under_way = set[str]()
    for name, every_s, work in (
        ("end_leases", EVERY_S, partial(sweeps.end_leases, desk)),
        ("run_due", EVERY_S, partial(due.run_due, desk)),
        ("gather_digests", EVERY_S, partial(gather_digests, desk)),
        ("hand_over_due", EVERY_S, partial(sweeps.hand_over_due, desk)),
        ("send_notices", EVERY_S, partial(notices.send_notices, desk, real_clock)),
        ("forget_unconfirmed", EVERY_SLOW_S, partial(notices.forget_unconfirmed, desk, real_clock)),
        ("apply_receipts", EVERY_S, partial(receipts.apply_early, desk)),
        ("apply_bounces", EVERY_S, partial(bounces.apply_early, desk)),
        ("forget_bounces", EVERY_SLOW_S, partial(bounces.forget, desk)),
        ("apply_reports", EVERY_S, partial(far_reports.apply_parked, desk)),
        ("apply_old_reports", EVERY_SLOW_S, partial(far_reports.apply_parked, desk, far_reports.KEPT_FOR)),
        ("ask_gateways", EVERY_SLOW_S, partial(far_queries.ask_gateways, desk, standing)),
        ("find_lost", EVERY_SLOW_S, partial(far_lost.find_lost, desk)),
        ("forget_reports", EVERY_SLOW_S, partial(far_reports.forget_old, desk)),
        ("forget_answers", EVERY_SLOW_S, partial(forget_answers, desk, real_clock)),
        ("forget_endpoints", EVERY_HOUR_S, partial(ended_endpoints.forget_ended, desk, real_clock)),
        ("forget_alerts", EVERY_HOUR_S, partial(forgetting.forget_ended, desk)),
        ("ask_lost_shards", EVERY_SLOW_S, partial(sweeps.ask_lost_shards, desk)),
        ("hand_on_relays", EVERY_SLOW_S, partial(relays.hand_on_forgotten, desk)),
        ("announce_forgotten", EVERY_SLOW_S, partial(sweeps.announce_forgotten, desk)),
        ("count_as_delivered", EVERY_SLOW_S, partial(sweeps.count_as_delivered, desk, email_delivered_after)),
        ("give_up_unknown", EVERY_SLOW_S, partial(sweeps.give_up_unknown, desk)),
        ("check_deliveries", EVERY_SLOW_S, partial(delivery_check.check_deliveries, desk, promises)),
        ("check_causes", EVERY_SLOW_S, partial(delivery_check.check_causes, desk)),
        *((("tell_operator", EVERY_SLOW_S, partial(tell_operator, desk, write)),) if write else ()),
    ):
        scheduler.add_job(_sweep, "interval", seconds=every_s, args=(name, work, lease, under_way), id=name)
    # Without the lease and once: the calendar of this process may be newer than that of the one that holds it.
    scheduler.add_job(
        _sweep, args=("recount", partial(due.recount_provisional, desk), Lease(None), under_way)
    )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


async def _sweep(name: str, work: Callable[[], Awaitable[int]], lease: Lease, under_way: set[str]) -> None:
    """Run one sweep; what fails now is found again by the next.

    One that is still under way (it may wait for its turn to write beside an import) is not begun again, and that is no
    fault to be told of, as the scheduler would by itself.
    """
    if name in under_way:
        return
    under_way.add(name)
    try:
        if await lease.held():
            await _work(name, work)
    finally:
        under_way.discard(name)


async def _work(name: str, work: Callable[[], Awaitable[int]]) -> None:
    try:
        found = await work()
    except Exception as exc:  # noqa: BLE001  one failing sweep must not end the others
        log.warning("sweep.failed", sweep=name, why=f"{type(exc).__name__}: {exc}"[:300])
        return
    if found:
        log.info("sweep.done", sweep=name, rows=found)
