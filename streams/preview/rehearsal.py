"""What a message about a policy would look like, before any goes: for a real subscriber, or for a made-up one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.message import NOTICES, Content, Entry, Evidence, Message, Occasion, Reason
from config.calendar import WorkingDays
from config.clock import SHANGHAI
from config.database.schema import campaigns, deliveries, explanations, subscribers
from config.taxonomies import Taxonomy
from streams.campaigns.contents import content_of, reasons_in_words
from streams.campaigns.occurrences import FAQ, INTERPRETATION, POLICY
from streams.campaigns.record import Campaign
from streams.delivery.notices import PATHS
from streams.delivery.notices import content as notice_content
from streams.digests.content import content_of_digest
from streams.events.explanation_data import in_words
from streams.explanations.record import TOLD_CHARS
from streams.latecomers.would_have import wanted
from streams.matching.conditions import admits
from streams.matching.matter import matter_of
from streams.matching.query import explicit_query
from streams.policies import PolicyView, released_before
from streams.policies.requirements import requirements_of
from subscribers.model import Profile
from subscribers.subscriptions import get_subscriptions, names_of

SOMEBODY = "示范科技有限公司"
SAMPLE_SUBSCRIPTION = "样例订阅"
SAMPLE_NOTE = "（协会商会的附言）"
SAMPLE_ASSOCIATION = "示范协会"
SAMPLE_CHANGE = "（与上一版本的不同之处）"
SAMPLE_TEXTS = {INTERPRETATION: "（解读的正文）", FAQ: "（问答的正文）"}
SAMPLE_CODE = "000000"
SHOWN_LABELS = 2


class NotForThem(Exception):
    """The subscriber would not get this policy, or is not there; ask without one to see it with made-up reasons."""


@dataclass(frozen=True)
class Rehearsed:
    """A message that never goes; with ``sample`` its recipient and its reasons are made up."""

    message: Message
    sample: bool


async def rehearse(
    conn: AsyncConnection,
    view: PolicyView | None,
    occasion: Occasion,
    *,
    base_url: str,
    by_code: bool,
    subscriber_id: str | None,
    taxonomy: Taxonomy,
    calendar: WorkingDays,
    now: datetime,
) -> Rehearsed:
    """Return what would go out.

    Args:
        conn: reads.
        view: what it is about; None for a notice.
        occasion: on which.
        base_url: of this service.
        by_code: whether a notice carries a code and no link.
        subscriber_id: whose name and reasons it has; None: made-up ones.
        taxonomy: names codes.
        calendar: counts working days.
        now: the moment.

    Raises:
        NotForThem: there is no such subscriber, or the policy does not fit it.
    """
    if view is None or occasion in NOTICES:
        link = f"{base_url}/{PATHS[occasion]}/sample"
        message = _message(notice_content(occasion, base_url), (), occasion, now, "")
        return Rehearsed(replace(message, secret=SAMPLE_CODE if by_code else link), sample=True)
    content = await _content(conn, view, occasion, base_url, calendar, now)
    if subscriber_id is None:
        reasons, name = _sample_reasons(view, taxonomy), SOMEBODY
    else:
        reasons = await _reasons(conn, view, subscriber_id, taxonomy)
        named = select(subscribers.c.name).where(subscribers.c.subscriber_id == subscriber_id)
        name = await conn.scalar(named) or ""
    if occasion is Occasion.DIGEST:
        entry = Entry(content, reasons)
        day = now.astimezone(SHANGHAI).date()
        content = content_of_digest("rehearsal", f"digest:{day}", (entry,), base_url)
        reasons = tuple(replace(one, evidence=()) for one in reasons)
    message = _message(content, reasons, occasion, now, f"{base_url}/unsubscribe/sample")
    return Rehearsed(replace(message, recipient=name), sample=subscriber_id is None)


def _message(
    content: Content, reasons: tuple[Reason, ...], occasion: Occasion, now: datetime, leave: str
) -> Message:
    return Message(
        delivery_id="00000000-0000-4000-8000-000000000000",
        subscriber_id="",
        recipient=SOMEBODY,
        address="",
        content=content,
        reasons=reasons,
        unsubscribe_url=leave,
        occurrence=str(occasion),
        at=now,
    )


async def _content(
    conn: AsyncConnection,
    view: PolicyView,
    occasion: Occasion,
    base_url: str,
    calendar: WorkingDays,
    now: datetime,
) -> Content:
    """Return the content; what only the occasion itself would tell is made up where nothing is known yet."""
    before = await released_before(conn, view.agency_id, view.policy_id, view.revision)
    about = POLICY if occasion in (Occasion.AMENDMENT, Occasion.DIGEST) else str(occasion)
    campaign = Campaign("rehearsal", view.agency_id, view.policy_id, view.revision, about, "running", ())
    content = content_of(campaign, view, before, base_url, await _told(conn, view, occasion))
    if occasion is Occasion.POLICY:
        return replace(content, occasion=Occasion.POLICY, change_note=None)
    if occasion is Occasion.AMENDMENT:
        note = content.change_note or SAMPLE_CHANGE
        return replace(content, occasion=Occasion.AMENDMENT, change_note=note)
    if occasion is Occasion.REMINDER and content.apply_closes is not None:
        left = calendar.until(now.astimezone(SHANGHAI).date(), content.apply_closes)
        return replace(content, days_left=left or None)
    return content


async def _told(conn: AsyncConnection, view: PolicyView, occasion: Occasion) -> Mapping[str, Any]:
    if occasion is Occasion.RELAY:
        return {"note": SAMPLE_NOTE, "relayed_by": SAMPLE_ASSOCIATION}
    if str(occasion) not in SAMPLE_TEXTS:
        return {}
    e = explanations.c
    query = select(e.data).where(
        e.agency_id == view.agency_id, e.policy_id == view.policy_id, e.kind == str(occasion)
    )
    data = await conn.scalar(query.order_by(e.received_at.desc()).limit(1))
    return {"text": SAMPLE_TEXTS[str(occasion)] if data is None else in_words(data)[:TOLD_CHARS]}


def _sample_reasons(view: PolicyView, taxonomy: Taxonomy) -> tuple[Reason, ...]:
    """Return why somebody who asked for its first labels would get it."""
    proven = sorted(view.labels, key=lambda label: not label.quote)[:SHOWN_LABELS]
    evidence = tuple(
        Evidence(one.dimension, one.code, taxonomy.name(one.dimension, one.code) or one.code, one.quote)
        for one in proven
    )
    return (Reason("sample", SAMPLE_SUBSCRIPTION, evidence),)


async def _reasons(
    conn: AsyncConnection, view: PolicyView, subscriber_id: str, taxonomy: Taxonomy
) -> tuple[Reason, ...]:
    """Return why this subscriber got it, or would get it."""
    found = await _had(conn, view, subscriber_id) or await _would(conn, view, subscriber_id, taxonomy)
    if not found:
        raise NotForThem(f"policy {view.policy_id} does not fit subscriber {subscriber_id}")
    names = await names_of(conn, {one["subscription"] for one in found} - {None})
    return reasons_in_words(found, {str(label): label for label in view.labels}, names, taxonomy)


async def _had(conn: AsyncConnection, view: PolicyView, subscriber_id: str) -> Sequence[Mapping[str, Any]]:
    d, c = deliveries.c, campaigns.c
    query = (
        select(d.reasons)
        .join_from(deliveries, campaigns, d.campaign_id == c.campaign_id)
        .where(d.subscriber_id == subscriber_id, c.agency_id == view.agency_id)
        .where(c.policy_id == view.policy_id, c.revision == view.revision, c.occurrence == POLICY)
        .limit(1)
    )
    return await conn.scalar(query) or ()


async def _would(
    conn: AsyncConnection, view: PolicyView, subscriber_id: str, taxonomy: Taxonomy
) -> list[Mapping[str, Any]]:
    s = subscribers.c
    shown = select(s.status, s.kind, s.profile, s.profile_matching).where(s.subscriber_id == subscriber_id)
    who = (await conn.execute(shown)).one_or_none()
    if who is None or who.status != "active":
        raise NotForThem(f"there is no active subscriber {subscriber_id}")
    asks = requirements_of(view)
    matter = matter_of(map(str, view.labels), f"{view.title}\n{view.body}", taxonomy.ancestors, asks)
    found: list[Mapping[str, Any]] = []
    for one in await get_subscriptions(conn, subscriber_id):
        query = explicit_query(one.criteria, taxonomy.ancestors)
        if query.fits(matter):
            found.append({"subscription": one.id, "labels": query.reasons(matter)})
    itself = wanted(None, who.kind, Profile.model_validate(who.profile), taxonomy.ancestors)
    fits = who.profile_matching and itself.itself is not None and itself.itself.fits(matter)
    if fits and admits(asks, staff=itself.staff, revenue=itself.revenue, founded=itself.founded):
        found.append({"subscription": None, "labels": itself.itself.reasons(matter) if itself.itself else ()})
    return found
