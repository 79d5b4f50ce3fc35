"""What a policy's push by SMS would cost, before anything is published; pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from channels.message import Content, Message, Occasion, Reason
from channels.sms.segments import Segments, segments
from channels.writing.render import sms_text

LONGEST_NAME = "订" * 16  # what a subscription's name is cut to in a text message


def sms_length(data: Mapping[str, Any], *, url: str, signature: str, now: datetime) -> Segments:
    """Return the length of the longest text that a recipient may get: with a long subscription's name in it.

    Args:
        data: the policy's, as `PolicyView.data`.
        url: of its page.
        signature: what stands in 【】.
        now: any moment.
    """
    window = data.get("apply_window") or {}
    content = Content(
        content_id="preview",
        occasion=Occasion.POLICY,
        agency_id="",
        policy_id=data["policy_id"],
        revision=1,
        issuer=data["issuer"],
        title=data["title"],
        document_number=None,
        summary="",
        url=url,
        apply_opens=_day(window.get("opens")),
        apply_closes=_day(window.get("closes")),
    )
    longest = Message(
        delivery_id="",
        subscriber_id="",
        recipient="",
        address="",
        content=content,
        reasons=(Reason("*", LONGEST_NAME, ()),) * 2,
        unsubscribe_url="",
        occurrence="policy",
        at=now,
    )
    return segments(sms_text(longest, signature))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
