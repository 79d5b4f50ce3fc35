"""A mail for every occasion, as long and as full as it gets."""

from dataclasses import replace

from channels.message import NOTICES, Content, Entry, Message, Occasion
from tests.servers.messages import CONTENT, EXPLICIT, content, message

LONG = (
    "符合条件的企业可以在申报期内通过网上办事大厅提交材料，由所在区县主管部门初审后报送市级部门评审。\n" * 6
)


def content_for(occasion: Occasion) -> Content:
    """Everything that the occasion's template can show."""
    own = {
        Occasion.AMENDMENT: {
            "change_note": "申报期：2026-07-01至2026-09-15 → 2026-07-01至2026-09-30；正文有修改"
        },
        Occasion.INTERPRETATION: {"text": LONG},
        Occasion.FAQ: {"text": f"问：如何申报？\n答：{LONG}"},
        Occasion.REMINDER: {"days_left": 3},
        Occasion.RELAY: {"note": "请各会员单位关注。", "relayed_by": "云山市软件行业协会"},
        Occasion.DIGEST: {
            "title": "本周政策汇总（2项）",
            "entries": (
                Entry(CONTENT, (EXPLICIT,)),
                Entry(replace(CONTENT, title="关于开展2026年度技术改造补助申报工作的通知"), (EXPLICIT,)),
            ),
        },
        Occasion.CONFIRM: {"title": "请确认接收政策推送"},
        Occasion.INVITE: {"title": "请确认接收政策推送"},
        Occasion.SIGN_IN: {"title": "登录我的政达"},
    }
    return content(content_id=f"content-{occasion}", occasion=occasion, **own.get(occasion, {}))


def message_for(occasion: Occasion, number: int = 1) -> Message:
    """The message to the enterprise of this number; a notice has a link in place of the way to leave."""
    if occasion not in NOTICES:
        return message(number, content=content_for(occasion))
    link = f"https://push.example.cn/confirm/secret-token-{number}"
    return message(number, content=content_for(occasion), reasons=(), unsubscribe_url="", secret=link)
