"""Messages to send in tests."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from channels.message import Content, Evidence, Message, Occasion, Reason

AT = datetime(2026, 6, 30, 17, 30, tzinfo=UTC)  # already the next day in Shanghai

CONTENT = Content(
    content_id="content-1",
    occasion=Occasion.POLICY,
    agency_id="gz-gxj",
    policy_id="p-1",
    revision=1,
    issuer="云山市工业和信息化局",
    title="关于支持专精特新企业高质量发展的若干措施",
    document_number="云工信规〔2026〕12号",
    summary="对首次认定的专精特新企业给予一次性奖励。\n对技术改造项目给予补助。",
    url="https://policy.example.cn/p/p-1",
    apply_opens=date(2026, 7, 1),
    apply_closes=date(2026, 9, 30),
    apply_url="https://apply.example.cn/?matter=1&step=2",
    effective_date=date(2026, 7, 1),
    valid_until=date(2029, 6, 30),
    contact="020-00000000",
)
EXPLICIT = Reason(
    "s-1",
    "软件业扶持",
    (Evidence("industry", "I65", "软件和信息技术服务业", "支持软件和信息技术服务企业"),),
)
PROFILE = Reason(None, "", (Evidence("scale", "small", "小型企业", "小型微型企业"),))


def content(**changes: Any) -> Content:
    """The content of the tests, with changes."""
    return replace(CONTENT, **changes)


def message(number: int = 1, **changes: Any) -> Message:
    """A message to the enterprise of this number."""
    whole = Message(
        delivery_id=f"00000000-0000-0000-0000-{number:012d}",
        subscriber_id=f"ent-{number}",
        recipient=f"云山市第{number}号科技有限公司",
        address=f"user{number}@example.cn",
        content=CONTENT,
        reasons=(EXPLICIT, PROFILE),
        unsubscribe_url=f"https://push.example.cn/unsubscribe/secret-token-{number}",
        occurrence="policy",
        at=AT,
    )
    return replace(whole, **changes)
