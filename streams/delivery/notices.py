"""Notices go out: rendered and sent over the channels of the house, beside the ledger, on the real clock."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from channels.channel import Channel, Outcome
from channels.errors import ContentError, PermanentError, UnknownOutcomeError
from channels.message import Content, Message, Occasion, Receipt
from channels.retry import Schedules, next_attempt
from config.clock import Clock
from config.logging import get_logger
from streams.delivery.outcomes import storable, suppressed_as
from streams.delivery.steady import uncut, written
from streams.desk import Desk
from subscribers import notice_rows
from subscribers.notice_rows import Claimed, Target
from subscribers.notices import lasts
from subscribers.suppression import suppress

log = get_logger(__name__)

LEASE = timedelta(minutes=5)
PATHS = {Occasion.CONFIRM: "join/confirm", Occasion.SIGN_IN: "my/enter", Occasion.INVITE: "join/code"}
TITLES = {
    Occasion.CONFIRM: "请确认接收政策推送",
    Occasion.SIGN_IN: "登录我的政达",
    Occasion.INVITE: "请确认接收政策推送",
}


async def send_notices(desk: Desk, real_clock: Clock) -> int:
    """Send what is due, until nothing is; returns how many were tried. Several at once do no harm."""
    async with desk.record.read() as conn:
        if not await notice_rows.any_open(conn):  # nearly always; the record's one writer is not asked then
            return 0
    async with desk.record.write() as conn:
        await notice_rows.end_leases(conn, real_clock.now())
    tried = 0
    while True:
        token = str(uuid.uuid4())
        async with desk.record.write() as conn:
            now = real_clock.now()
            claimed = await notice_rows.claim(conn, desk.tokens, desk.channels.keys(), token, now, LEASE)
        if not claimed:
            return tried
        tried += len(claimed)
        # Cut off between sending and writing, they would go out twice.
        await uncut(_send(desk, real_clock, token, claimed))


async def forget_unconfirmed(desk: Desk, real_clock: Clock) -> int:
    """Drop sign-ups that nobody confirmed."""
    async with desk.record.write() as conn:
        return await notice_rows.forget(conn, real_clock.now())


async def _send(desk: Desk, real_clock: Clock, token: str, claimed: Sequence[Claimed]) -> None:
    async with desk.record.read() as conn:
        targets = await notice_rows.targets(conn, desk.vault, claimed)
    results = [
        _settled(one, "expired", "not_wanted_any_more") for one in claimed if one.notice_id not in targets
    ]
    dead: list[tuple[str, str, PermanentError]] = []
    for name in sorted({one.channel for one in claimed}):
        going = [one for one in claimed if one.channel == name and one.notice_id in targets]
        outcomes = await _over(desk, desk.channels[name], going, targets)
        for one, outcome in zip(going, outcomes, strict=True):
            results.append(after(one, outcome, real_clock.now(), random.random(), desk.schedules))
            if isinstance(outcome, ContentError):
                log.error("notice.refused", channel=name, kind=one.kind, reason=outcome.reason)
            if isinstance(outcome, PermanentError) and outcome.dead:
                dead.append((name, targets[one.notice_id].address, outcome))

    async def write(conn: AsyncConnection) -> None:
        await notice_rows.settle(conn, token, results)
        for channel, address, outcome in dead:
            word, said = suppressed_as(outcome), storable(outcome.reason)
            await suppress(conn, desk.vault, channel, address, reason=word, said=said, now=desk.clock.now())

    await written(desk.record, write)
    log.info("notices.sent", tried=len(claimed), sent=sum(row["state"] == "sent" for row in results))


async def _over(
    desk: Desk, channel: Channel, going: Sequence[Claimed], targets: dict[str, Target]
) -> Sequence[Outcome]:
    if not going:
        return []
    message = partial(_message, desk, channel.name)
    return await channel.send([message(one, targets[one.notice_id]) for one in going])


def _message(desk: Desk, channel: str, notice: Claimed, target: Target) -> Message:
    occasion = Occasion(notice.kind)
    link = f"{desk.base_url}/{PATHS[occasion]}/{desk.tokens.notice(notice.notice_id)}"
    return Message(
        delivery_id=notice.notice_id,
        subscriber_id=notice.subscriber_id,
        # Whoever signs up chooses the name: before it is confirmed it may not speak to others through our mail.
        recipient=target.name if occasion is Occasion.SIGN_IN else "",
        address=target.address,
        content=content(occasion, desk.base_url),
        reasons=(),
        unsubscribe_url="",
        occurrence=notice.kind,
        at=desk.clock.now(),
        secret=notice.code if channel == "sms" else link,
        urgent=True,
    )


def content(occasion: Occasion, base_url: str) -> Content:
    """Return what all notices of a kind share."""
    return Content(
        content_id=f"notice:{occasion}",
        occasion=occasion,
        agency_id="",
        policy_id="",
        revision=0,
        issuer="政达",
        title=TITLES[occasion],
        document_number=None,
        summary="",
        url=base_url,
    )


def after(
    notice: Claimed, outcome: Outcome, now: datetime, jitter: float, schedules: Schedules | None = None
) -> dict[str, Any]:
    """Return a notice's new values, pure: what it carries is good from now on, or it goes again, or has failed.

    Args:
        notice: with the attempt that just ended counted.
        outcome: of the channel.
        now: when it ended, real time.
        jitter: 0 to 1.
        schedules: when it goes again; by default the shipped tables.
    """
    sms = notice.channel == "sms"
    if isinstance(outcome, Receipt) or (sms and isinstance(outcome, UnknownOutcomeError)):
        # A text message whose fate is unknown is never sent blindly again; who did not get it asks for another.
        reason = None if isinstance(outcome, Receipt) else storable(outcome.reason)
        return _settled(notice, "sent", reason) | {
            "sent_at": now,
            "expires_at": now + lasts(notice.kind, notice.channel),
        }
    reason = storable(outcome.reason)
    again = next_attempt(notice.channel, notice.attempts, outcome, now, jitter, schedules)
    if again is not None and again < notice.expires_at:
        return _settled(notice, "planned", reason) | {"due_at": again}
    return _settled(notice, "failed", reason)


def _settled(notice: Claimed, state: str, reason: str | None) -> dict[str, Any]:
    return {
        "notice_id": notice.notice_id,
        "state": state,
        "reason": reason,
        "due_at": notice.expires_at,
        "expires_at": notice.expires_at,
        "sent_at": None,
    }
