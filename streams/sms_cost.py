"""What a policy's push by SMS would cost, before anything is published; pure."""

from datetime import datetime

from channels.message import Content, Message, Occasion, Reason
from channels.render import sms_text
from channels.sms.segments import Segments, segments
from streams.policy_data import PolicyData

LONGEST_NAME = "订" * 16  # what a subscription's name is cut to in a text message


def sms_length(data: PolicyData, *, url: str, signature: str, now: datetime) -> Segments:
    """Return the length of the longest text that a recipient may get: with a long subscription's name in it.

    Args:
        data: the policy.
        url: of its page.
        signature: what stands in 【】.
        now: any moment.
    """
    window = data.apply_window
    content = Content(
        content_id="preview",
        occasion=Occasion.POLICY,
        agency_id="",
        policy_id=data.policy_id,
        revision=1,
        issuer=data.issuer,
        title=data.title,
        document_number=None,
        summary="",
        url=url,
        apply_opens=window.opens if window else None,
        apply_closes=window.closes if window else None,
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
