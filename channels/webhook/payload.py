"""What a webhook says: the policy, the occasion and why it came, as JSON. Nothing in it is a contact of anybody."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson

from channels.message import Content, Message, Occasion, Reason
from channels.reasons import dump_reasons
from channels.writing.render import headline, link

MOST_BYTES = 256 * 1024
CUTS = (None, 2_000, 200, 0)  # characters that stay of each long text, until the whole is small enough

# No digest: who takes webhooks gets everything as it comes (`config.channels`).
TYPES = {
    Occasion.POLICY: "policy.published",
    Occasion.AMENDMENT: "policy.amended",
    Occasion.REPEAL: "policy.repealed",
    Occasion.INTERPRETATION: "policy.interpreted",
    Occasion.FAQ: "policy.answered",
    Occasion.REMINDER: "policy.closing",
    Occasion.EFFECTIVE: "policy.effective",
    Occasion.EXPIRY: "policy.expired",
    Occasion.RELAY: "policy.relayed",
}
TEST = "webhook.test"


def payload(message: Message) -> bytes:
    """Return the body of a message, at most ``MOST_BYTES``: ``{"type", "timestamp", "data"}``.

    Too long a one loses the rest of its texts and quotes and says so (``"truncated": true``); ``url`` leads to the
    whole.

    Raises:
        KeyError: the occasion is none that goes by webhook.
        ValueError: what cannot be cut is too long by itself.
    """
    for cut in CUTS:
        body = _dump(message, cut)
        if len(body) <= MOST_BYTES:
            return body
    raise ValueError(f"the message is longer than {MOST_BYTES // 1024} KiB")


def test_payload(challenge: str, at: datetime) -> bytes:
    """Return the body of a test event; who proves an endpoint to be its own answers with ``challenge`` in the body."""
    data = {"challenge": challenge, "note": "政达系统对接测试，请以 2xx 应答"}
    return orjson.dumps({"type": TEST, "timestamp": _moment(at), "data": data})


def _dump(message: Message, cut: int | None) -> bytes:
    content = message.content
    data: dict[str, Any] = {
        "delivery_id": message.delivery_id,
        "subscriber_id": message.subscriber_id,
        "occurrence": message.occurrence,
        **_said(content, message.reasons, cut),
        "unsubscribe_url": message.unsubscribe_url,
    }
    if cut is not None:
        data["truncated"] = True
    return orjson.dumps({"type": TYPES[content.occasion], "timestamp": _moment(message.at), "data": data})


def _said(content: Content, reasons: Sequence[Reason], cut: int | None) -> dict[str, Any]:
    return {
        "occasion": str(content.occasion),
        "headline": headline(content),
        "policy": {
            "agency_id": content.agency_id,
            "policy_id": content.policy_id,
            "revision": content.revision,
            "issuer": content.issuer,
            "title": content.title,
            "document_number": content.document_number,
            "summary": content.summary[:cut],
            "url": content.url,
            "apply_window": {"opens": _day(content.apply_opens), "closes": _day(content.apply_closes)},
            "apply_url": link(content.apply_url) or None,
            "effective_date": _day(content.effective_date),
            "valid_until": _day(content.valid_until),
        },
        "change_note": content.change_note[:cut] if content.change_note else None,
        "text": content.text[:cut],
        "note": content.note[:cut],
        "relayed_by": content.relayed_by,
        "working_days_left": content.days_left,
        "reasons": _reasons(reasons, cut),
    }


def _reasons(reasons: Sequence[Reason], cut: int | None) -> list[dict[str, Any]]:
    plain = dump_reasons(reasons)
    for reason in plain:
        for item in reason["evidence"]:
            item["quote"] = item["quote"][:cut]
    return plain


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
