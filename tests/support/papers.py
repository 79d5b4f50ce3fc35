"""What is sent in: policies and events about them, each with a word of its own by which a subscriber can ask for it."""

import uuid
from typing import Any

CONSENT = {"basis": "订阅申请表", "at": "2026-01-05T01:00:00Z", "evidence": "表单 17"}


def policy(policy_id: str, word: str = "示范", **changes: Any) -> dict[str, Any]:
    """Bare policy data; ``word`` stands in its body. None takes a field away."""
    data = {
        "policy_id": policy_id,
        "title": f"关于支持软件和信息技术服务业发展的若干措施（{policy_id}）",
        "issuer": "示范市工业和信息化局",
        "publish_date": "2026-03-01",
        "disclosure": "open",
        "body": f"各有关企业：\n本市软件企业可申报奖励资金。本文只说{word}。",
    } | changes
    return {name: value for name, value in data.items() if value is not None}


def event(
    data: dict[str, Any], kind: str = "policy.published", event_id: str | None = None
) -> dict[str, Any]:
    """A CloudEvent with this data."""
    event_id = event_id or str(uuid.uuid4())
    return {"specversion": "1.0", "id": event_id, "source": "/tests", "type": kind, "data": data}


def firm(name: str, *emails: str) -> dict[str, Any]:
    """A subscriber whose addresses consented, and who gets nothing by its profile."""
    contacts = [{"channel": "email", "address": email, "consent": CONSENT} for email in emails]
    return {"name": name, "contacts": contacts, "profile_matching": False}


def wish(word: str, *channels: str) -> dict[str, Any]:
    """A subscription to every policy in which ``word`` stands."""
    name = f"关于{word}"
    return {
        "id": "wish",
        "name": name,
        "criteria": {"keywords": [word]},
        "channels": list(channels or ("space",)),
    }
