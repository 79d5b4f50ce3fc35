"""How an agent treats a message: the work is done, or waits for infrastructure, or is put aside. Nothing is dropped."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from config.database.record import is_outage
from config.logging import get_logger
from config.metrics import STEP_SECONDS, WAITING
from streams.deadletters import put_aside
from streams.desk import Desk
from streams.log import LogUnavailable, Position, original
from streams.wrong import Wrong

log = get_logger(__name__)

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0


@dataclass(frozen=True)
class Parcel:
    """One message of the log, as a step sees it."""

    at: Position
    key: bytes | None
    value: bytes
    headers: dict[str, str]


Step = Callable[[Parcel], Awaitable[None]]
Steps = Callable[[Sequence[Parcel]], Awaitable[None]]


async def carry(desk: Desk, name: str, step: Step, parcel: Parcel) -> None:
    """Do ``step`` on ``parcel`` until it is done or known to be wrong for good.

    When this returns, the work's outputs are durable (or the message lies among the dead letters) and its offset may be
    committed. It raises nothing but cancellation.
    """
    wait_s, began = FIRST_WAIT_S, time.monotonic()
    while True:
        try:
            await step(parcel)
        except Exception as exc:  # noqa: BLE001 - told apart below; whatever it is, the message is not lost
            reason = _wrong(exc)
            if reason is not None and await _aside(desk, name, parcel, reason):
                break
            if reason is None:
                log.warning("step.waiting", step=name, at=parcel.at, why=str(exc)[:300])
        else:
            break
        WAITING.labels(name).set(1)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
    WAITING.labels(name).set(0)
    STEP_SECONDS.labels(name).observe(time.monotonic() - began)


async def carry_together(desk: Desk, name: str, steps: Steps, parcels: Sequence[Parcel]) -> None:
    """Do ``steps`` on all parcels at once; if that fails, on each by itself, so that a wrong one goes aside alone."""
    if len(parcels) > 1:
        began = time.monotonic()
        try:
            await steps(parcels)
        except Exception as exc:  # noqa: BLE001 - each parcel alone shows which it was, and waits if it must
            log.info("step.one_by_one", step=name, parcels=len(parcels), why=str(exc)[:300])
        else:
            STEP_SECONDS.labels(name).observe(time.monotonic() - began)
            return
    for parcel in parcels:
        await carry(desk, name, lambda one: steps([one]), parcel)


def _wrong(exc: BaseException) -> str | None:
    """Return why no retry can help, None when waiting may."""
    if isinstance(exc, BaseExceptionGroup):
        reasons = [_wrong(inner) for inner in exc.exceptions]
        return None if None in reasons else "; ".join(r for r in reasons if r)
    if isinstance(exc, Wrong):
        return str(exc)
    if isinstance(exc, LogUnavailable) or is_outage(exc):
        return None
    log.error("step.failed", exc_info=exc)
    return f"{type(exc).__name__}: {exc}"[:2000]


async def _aside(desk: Desk, name: str, parcel: Parcel, reason: str) -> bool:
    try:
        async with desk.record.write() as conn:
            letter = (parcel.key, parcel.value, parcel.headers)
            at = original(desk.vault, parcel.headers, parcel.value, parcel.at)
            await put_aside(conn, at, letter, reason, desk.clock.now())
    except Exception as exc:  # noqa: BLE001 - drivers raise classes of their own while a server starts or stops
        # Without the record even a dead letter cannot be kept: wait, and try the work itself again too.
        log.warning("step.waiting", step=name, at=parcel.at, why=str(exc)[:300])
        return False
    log.error("message.put_aside", step=name, at=parcel.at, reason=reason)
    return True
