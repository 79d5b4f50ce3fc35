"""From the record to what channels send: a campaign's content, and the reasons of a delivery in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from channels.message import Content, Evidence, Occasion, Reason
from config.taxonomies import Taxonomy
from streams.campaigns.occurrences import POLICY, kind_of
from streams.campaigns.record import Campaign
from streams.fanout.rows import FORMER, NAMED, RELAYED, WITHOUT_SUBSCRIPTION
from streams.labelling import Label
from streams.policies import PolicyView

SUMMARY_CHARS = 160
NAMED_WORDS = "因为本政策定向公开，贵单位在公开范围之内"
FORMER_WORDS = "因为贵单位曾收到本政策的此前版本"
RELAYED_WORDS = "由您所在的{}接力推送"
SOME_ASSOCIATION = "协会商会"
GONE_WORDS = "订阅"


def content_of(
    campaign: Campaign,
    view: PolicyView,
    before: PolicyView | None,
    base_url: str,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> Content:
    """Return what all messages of a campaign share.

    Args:
        campaign: on which occasion.
        view: the revision that is pushed.
        before: the revision that was pushed before it, if any.
        base_url: of this service.
        told: fields that the occasion gives, see `streams.campaigns.tellings`.
    """
    data = view.data
    window = data.get("apply_window") or {}
    kind = kind_of(campaign.occurrence)
    occasion = Occasion.AMENDMENT if kind == POLICY and before else Occasion(kind)
    content = Content(
        content_id=campaign.campaign_id,
        occasion=occasion,
        agency_id=view.agency_id,
        policy_id=view.policy_id,
        revision=view.revision,
        issuer=view.issuer,
        title=view.title,
        document_number=data.get("doc_number"),
        summary=summary(view.body),
        url=f"{base_url}/policies/{view.agency_id}/{view.policy_id}",
        apply_opens=_day(window.get("opens")),
        apply_closes=_day(window.get("closes")),
        apply_url=data.get("apply_url"),
        effective_date=_day(data.get("effective_date")),
        valid_until=_day(data.get("valid_until")),
        contact=data.get("contact"),
        # A repeal's reason is the publisher's own text, which no reviewer has seen: it stays in the house.
        change_note=changes(before, view) if before and occasion is Occasion.AMENDMENT else None,
    )
    return replace(content, **told)


def summary(body: str) -> str:
    """Return the beginning of a body on one line, at most ``SUMMARY_CHARS`` characters."""
    line = re.sub(r"\s+", " ", body[: 4 * SUMMARY_CHARS]).strip()
    return line if len(line) <= SUMMARY_CHARS else line[: SUMMARY_CHARS - 1] + "…"


CHANGES = (
    ("title", "标题"),
    ("doc_number", "发文字号"),
    ("effective_date", "施行日期"),
    ("valid_until", "有效期"),
    ("apply_window", "申报期"),
    ("apply_url", "申报网址"),
    ("contact", "联系方式"),
    ("attachments", "附件"),
)


def changes(before: PolicyView, after: PolicyView) -> str:
    """Return in words what a revision changed, e.g. ``申报期：…至2026-03-31 → …至2026-04-30；正文有修改``.

    All recipients read the same words, also those whom a targeted revision did not name: of what that one said they
    read only which fields were changed.
    """
    said = []
    for field, name in CHANGES:
        old, new = _words(before.data.get(field)), _words(after.data.get(field))
        if old != new:
            plainly = field != "attachments" and not before.targeted
            said.append(f"{name}：{old} → {new}" if plainly else f"{name}有变动")
    if before.body != after.body:
        said.append("正文有修改")
    return "；".join(said) or ("内容未变，重新发布" if _same(before, after) else "其他信息有修改")


def _same(before: PolicyView, after: PolicyView) -> bool:
    """Whether no field of the data is different but whom the policy is for."""
    old, new = ({**view.data, "audience_scope": None} for view in (before, after))
    return old == new


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value.get('opens', '…')}至{value.get('closes', '…')}"
    return str(value) if value else "无"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def reasons_in_words(
    reasons: Sequence[Mapping[str, Any]],
    labels: Mapping[str, Label],
    names: Mapping[str, str],
    taxonomy: Taxonomy,
) -> tuple[Reason, ...]:
    """Return a ledger row's reasons as people read them.

    Args:
        reasons: ``[{"subscription": id | None, "labels": ["industry:I65", "keyword:…"]}]``.
        labels: the policy's, by ``dimension:code``; they hold the evidence.
        names: of subscriptions, by id; under ``relayed`` the association that handed the policy on.
        taxonomy: the codes' names.
    """
    return tuple(
        Reason(
            subscription_id=reason["subscription"],
            subscription=_subscription(reason["subscription"], names),
            evidence=tuple(_evidence(label, labels, taxonomy) for label in reason["labels"]),
            stated=reason["subscription"] in WITHOUT_SUBSCRIPTION,
        )
        for reason in reasons
    )


def _subscription(subscription_id: str | None, names: Mapping[str, str]) -> str:
    if subscription_id is None:
        return ""
    if subscription_id == NAMED:
        return NAMED_WORDS
    if subscription_id == RELAYED:
        return RELAYED_WORDS.format(names.get(RELAYED) or SOME_ASSOCIATION)
    return FORMER_WORDS if subscription_id == FORMER else names.get(subscription_id, GONE_WORDS)


def _evidence(label: str, labels: Mapping[str, Label], taxonomy: Taxonomy) -> Evidence:
    dimension, code = label.split(":", 1)
    if dimension == "keyword":
        return Evidence("keyword", code, code, code)
    found = labels.get(label)
    return Evidence(dimension, code, taxonomy.name(dimension, code) or code, found.quote if found else "")
