"""Alerts as people read them, in Chinese and in English: kind and values are kept, the words are chosen when shown.

An alert whose values are not all there (an older release kept fewer) is shown in the words that it was kept with.
"""

from collections.abc import Mapping
from typing import Any

from channels.own_words import in_chinese
from config.channels import TITLES
from streams.campaigns.occurrences import title_of

KINDS: Mapping[str, str] = {
    "late": "政策未按时送达",
    "halted": "内容被拒，推送已停止",
    "digest": "汇总消息内容被拒",
    "far_side": "外部通道不可用",
    "account": "外部通道账户异常",
    "dead_letters": "出现死信",
}
SENTENCES: Mapping[str, tuple[str, str]] = {
    "late|sent": (
        "{policy}: {late} of {of} messages by {channel} were not sent within {within}",
        "{policy}：{channel}共 {of} 条，其中 {late} 条未在 {within}内发出",
    ),
    "late|delivered": (
        "{policy}: {late} of {of} messages by {channel} were not delivered within {within}",
        "{policy}：{channel}共 {of} 条，其中 {late} 条未在 {within}内送达",
    ),
    "halted": (
        "{policy}: the text is refused by {channel}: {reason}",
        "{policy}：内容被拒（{channel}），推送已停止：{reason}",
    ),
    "digest": ("a digest is refused by {channel}: {reason}", "汇总消息内容被拒（{channel}）：{reason}"),
    "far_side": ("{far_side} is down: {reason}", "{far_side}不可用：{reason}"),
    "account": ("{far_side} refuses our account: {reason}", "{far_side}拒绝本系统的账户：{reason}"),
    "dead_letters": ("{letters} messages of {topic} are dead letters", "{topic} 中有 {letters} 条死信"),
}
UNITS = ((86_400, "d", "天"), (3_600, "h", "小时"), (60, "min", "分钟"), (1, "s", "秒"))


def sentence(alert: Mapping[str, Any], *, chinese: bool) -> str:
    """Return what happened, in one sentence.

    Args:
        alert: as `streams.alerts.list_alerts` or the HTTP route answers it.
        chinese: whether in Chinese; what a far side said is quoted as it stands.
    """
    said = alert.get("details") or {}
    words = SENTENCES.get(f"{alert['kind']}|{said['step']}" if "step" in said else alert["kind"])
    if words is None:
        return str(alert["detail"])
    try:
        return words[chinese].format_map(_values(alert, said, chinese))
    except KeyError:
        return str(alert["detail"])


def about(alert: Mapping[str, Any]) -> str:
    """Return in a few Chinese words what an alert is about: a policy by its title, a far side, a topic."""
    said = alert.get("details") or {}
    if said.get("title"):
        return f"《{said['title']}》"
    if alert["kind"] in ("far_side", "account", "digest"):
        return _far_side(alert["subject"])
    return str(said.get("policy_id", alert["subject"]))


def _values(alert: Mapping[str, Any], said: Mapping[str, Any], chinese: bool) -> dict[str, Any]:
    values = {**said, "far_side": alert["subject"]}
    if {"agency_id", "policy_id", "occurrence"} <= said.keys():
        values["policy"] = _policy(said, chinese)
    if "within_s" in said:
        values["within"] = _long(int(said["within_s"]), chinese)
    if chinese:
        values["far_side"] = _far_side(alert["subject"])
        values |= {"channel": TITLES.get(said["channel"], said["channel"])} if "channel" in said else {}
        values |= {"reason": in_chinese(said["reason"])} if "reason" in said else {}
    return values


def _policy(said: Mapping[str, Any], chinese: bool) -> str:
    """Return a campaign's policy by its title, with the ids by which it is found and the occasion."""
    title = f"《{said['title']}》" if said.get("title") else ""
    where, occurrence = f"{said['agency_id']}/{said['policy_id']}", said["occurrence"]
    if chinese:
        occasion = title_of(occurrence)
        return f"{title}（{where}，{occasion}）" if title else f"{where}（{occasion}）"
    return f"{title} ({where}, {occurrence})" if title else f"{where} ({occurrence})"


def _far_side(name: str) -> str:
    """Return ``sms:kannel`` as 短信（sms:kannel）; the name is what metrics and log lines have."""
    title = TITLES.get(name.partition(":")[0])
    return f"{title}（{name}）" if title else name


def _long(seconds: int, chinese: bool) -> str:
    size, short, word = next(unit for unit in UNITS if seconds % unit[0] == 0)
    return f"{seconds // size} {word if chinese else short}"
