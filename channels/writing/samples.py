"""Made-up messages of every occasion: what templates are tried with before anything real is written with them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from channels.message import NOTICES, Content, Entry, Evidence, Message, Occasion, Reason

SIGNATURE = "示范市工信局"
SUBSCRIPTION = "样例订阅"
QUOTE = "对符合条件的企业给予一次性奖励"
LEAVE = "https://policy.example.cn/unsubscribe/sample"
CODE = "246810"
TITLE = "关于支持企业发展的若干措施（样例）"
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

ASKED = Reason("sample", SUBSCRIPTION, (Evidence("theme", "T07", "财税金融", QUOTE),))
PROFILE = Reason(None, "", (Evidence("industry", "I65", "软件和信息技术服务业", ""),))
STATED = Reason("former", "因为贵单位曾收到本政策的此前版本", (), stated=True)
WHYS: tuple[tuple[Reason, ...], ...] = ((ASKED,), (PROFILE,), (STATED,), (ASKED, PROFILE, STATED))

_FULL = Content(
    content_id="sample",
    occasion=Occasion.POLICY,
    agency_id="sample",
    policy_id="sample",
    revision=2,
    issuer="示范市工业和信息化局",
    title=TITLE,
    document_number="示工信规〔2026〕1号",
    summary="对首次认定的企业给予一次性奖励。",
    url="https://policy.example.cn/policies/sample/sample",
    apply_opens=date(2026, 3, 1),
    apply_closes=date(2026, 3, 31),
    apply_url="https://apply.example.cn/",
    effective_date=date(2026, 3, 1),
    valid_until=date(2029, 2, 28),
    contact="020-00000000",
    change_note="申报期：无 → 2026-03-01至2026-03-31",
    text="本措施面向本市登记的企业。",
    note="请本会会员关注",
    relayed_by="示范市软件行业协会",
    days_left=5,
)
_BARE = replace(
    _FULL,
    content_id="sample-bare",
    document_number=None,
    summary="",
    apply_opens=None,
    apply_closes=None,
    apply_url=None,
    effective_date=None,
    valid_until=None,
    contact=None,
    change_note=None,
    text="",
    note="",
    relayed_by="",
    days_left=None,
)


def contents(occasion: Occasion) -> tuple[Content, ...]:
    """Return contents of an occasion: with all that it can have, and with as little as it may have."""
    made = tuple(
        replace(one, occasion=occasion, content_id=f"{one.content_id}-{occasion}") for one in (_FULL, _BARE)
    )
    if occasion is not Occasion.DIGEST:
        return made
    entries = tuple(Entry(replace(one, occasion=Occasion.POLICY), (ASKED,)) for one in (_FULL, _BARE))
    return tuple(replace(one, entries=entries[: place + 1]) for place, one in enumerate(made))


def reasons(occasion: Occasion) -> tuple[tuple[Reason, ...], ...]:
    """Return the reasons that messages of an occasion may have; notices were asked for and have none."""
    if occasion in NOTICES:
        return ((),)
    if occasion is Occasion.DIGEST:
        return ((replace(ASKED, evidence=()),),)
    return WHYS


def messages(occasion: Occasion, *, notice_by_code: bool = False) -> Iterator[Message]:
    """Return a message for each content and each reason of an occasion.

    Args:
        occasion: what it is about.
        notice_by_code: whether a notice carries a code, as in a text message, or a link.
    """
    notice = occasion in NOTICES
    secret = (CODE if notice_by_code else LEAVE) if notice else ""
    for content in contents(occasion):
        for why in reasons(occasion):
            yield Message(
                delivery_id="00000000-0000-4000-8000-000000000000",
                subscriber_id="sample",
                recipient="示范科技有限公司",
                address="sample@example.cn",
                content=content,
                reasons=why,
                unsubscribe_url="" if notice else LEAVE,
                occurrence=str(occasion),
                at=AT,
                secret=secret,
            )
