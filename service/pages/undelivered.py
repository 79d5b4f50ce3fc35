"""Why rows of a policy's push did not arrive, in the words of its page."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.campaigns.figures import Funnel

KINDS = (("failed", "失败"), ("suppressed", "不予发送"), ("expired", "已过期"), ("superseded", "已被替代"))
WORDS: Mapping[str, Mapping[str, str]] = {
    "failed": {
        "gone": "地址不存在",
        "opted_out": "收件人已向运营商退订",
        "content": "内容被运营商拒绝",
        "expired": "超过运营商的投递时限",
        "rejected": "运营商拒收",
        "undelivered": "运营商未能投递",
        "full": "邮箱已满",
        "ambiguous": "对方没有说明原因",
        "no_receipt": "没有等到回执",
        "unknown": "原因未知",
    },
    "suppressed": {
        "gone": "企业或联系方式已删除",
        "left": "企业已离开",
        "not_active": "企业尚未确认",
        "opted_out": "已退订",
        "no_consent": "未同意接收",
        "contact_suppressed": "地址失效",
        "profile_matching_off": "已关闭按画像推送",
        "subscription_ended": "订阅已取消",
        "not_named": "已不在公开范围内",
        "no_member": "已退出协会",
        "never_had": "此前版本并未送达，无需告知",
        "nothing_left": "汇总中已无可送内容",
    },
    "expired": {"valid_until": "已过有效期", "apply_window": "申报期已过"},
    "superseded": {"superseded": "已有新版", "repealed": "政策已废止"},
}


@dataclass(frozen=True)
class Undelivered:
    """A line of the table: what became of so many rows, and why."""

    kind: str
    reason: str
    rows: int


def undelivered(funnel: Funnel) -> list[Undelivered]:
    """Return the lines, the most of each kind first; a reason without words stands as the far side said it."""
    return [
        Undelivered(kind, WORDS[state].get(reason, reason), rows)
        for state, kind in KINDS
        for reason, rows in sorted(getattr(funnel, state).items(), key=lambda item: -item[1])
    ]
