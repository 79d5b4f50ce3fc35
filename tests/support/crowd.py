"""A few hundred subscribers of every kind, the same for the same seed."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SUBSCRIBERS = 300
SEED = 20260615

REGIONS = (
    "100000",
    "440000",
    "440100",
    "440106",
    "440305",
    "310000",
    "310118",
    "420100",
    "510700",
    "110108",
    "330100",
)
INDUSTRIES = (
    "A",
    "A01",
    "C",
    "C39",
    "C3911",
    "C27",
    "E50",
    "F52",
    "G54",
    "H62",
    "I",
    "I65",
    "I6513",
    "J66",
    "K70",
    "M73",
)
CODES: Mapping[str, Sequence[str]] = {
    "region": REGIONS,
    "industry": INDUSTRIES,
    "theme": [f"T{number:02}" for number in range(1, 23)],
    "kind": ("measure", "call", "interpretation", "guide", "consultation", "notice", "law", "event"),
    "instrument": (
        "subsidy",
        "award",
        "tax",
        "interest",
        "guarantee",
        "fee",
        "talent",
        "pilot",
        "housing",
        "employment",
    ),
    "subject": ("enterprise", "individual-business", "social-org", "institution", "person"),
    "size": ("large", "medium", "small", "micro"),
    "qualification": (
        "high-tech",
        "srdi",
        "little-giant",
        "tech-sme",
        "champion",
        "above-scale",
        "listed",
        "startup",
    ),
    "group": ("graduate", "veteran", "disabled", "talent", "women", "newcitizen", "lowincome"),
    "action": ("apply", "auto", "consult", "inform"),
}
WORDS = (
    "人才",
    "住房公积金",
    "专精特新",
    "补贴",
    "高新技术企业",
    "首台套",
    "养老",
    "人工智能",
    "数字经济",
    "创业",
    "小微企业",
)
CONSENT = {"basis": "订阅申请表", "at": "2026-01-05T01:00:00Z", "evidence": "表单 17"}


def crowd(count: int = SUBSCRIBERS, seed: int = SEED) -> dict[str, dict[str, Any]]:
    """Subscribers ``crowd-001`` …: ``{"subscriber": …, "subscriptions": […]}`` each, as the API takes them."""
    dice = random.Random(seed)
    return {f"crowd-{number:03}": _one(number, dice) for number in range(1, count + 1)}


def _one(number: int, dice: random.Random) -> dict[str, Any]:
    contacts = [
        _mail(number, place, consented=dice.random() < 0.85) for place in range(dice.choice((0, 1, 1, 1, 2)))
    ]
    if dice.random() < 0.3:
        contacts.append({"channel": "sms", "address": f"1990000{number:04}", "consent": CONSENT})
    subscriber = {
        "name": f"第{number}号企业",
        "kind": dice.choice(("enterprise",) * 6 + CODES["subject"]),  # type: ignore[operator]
        "profile": _profile(dice),
        "contacts": contacts,
        "preferences": {"profile_channels": dice.choice((["space"], ["space"], ["space", "email"], []))},
        "profile_matching": dice.random() < 0.6,
    }
    wishes = [
        {
            "id": f"wish-{place}",
            "name": f"第{place}项订阅",
            "criteria": _criteria(dice),
            "channels": dice.choice(
                (["space"], ["email"], ["space", "email"], ["space", "email", "sms"], ["sms"])
            ),
        }
        for place in range(dice.choice((0, 1, 1, 2, 3)))
    ]
    return {"subscriber": subscriber, "subscriptions": wishes}


def _mail(number: int, place: int, *, consented: bool) -> dict[str, Any]:
    return {"channel": "email", "address": f"crowd{number}.{place}@example.com"} | (
        {"consent": CONSENT} if consented else {}
    )


def _profile(dice: random.Random) -> dict[str, Any]:
    facts: dict[str, Callable[[], Any]] = {
        "region": lambda: dice.choice(REGIONS[3:]),
        "industries": lambda: dice.sample(INDUSTRIES, dice.choice((1, 1, 2))),
        "size": lambda: dice.choice(CODES["size"]),
        "qualifications": lambda: dice.sample(CODES["qualification"], dice.choice((1, 2, 3))),
        "groups": lambda: dice.sample(CODES["group"], 2),
    }
    likely = {"region": 0.8, "industries": 0.8, "size": 0.7, "qualifications": 0.5, "groups": 0.1}
    return {name: make() for name, make in facts.items() if dice.random() < likely[name]}


def _criteria(dice: random.Random) -> dict[str, Any]:
    criteria: dict[str, Any] = {}
    if dice.random() < 0.85:
        criteria["any"] = [{"all": _clauses(dice)} for _ in range(dice.choice((1, 1, 2)))]
    if not criteria or dice.random() < 0.25:
        criteria["keywords"] = dice.sample(WORDS, dice.choice((1, 2)))
    if dice.random() < 0.25:
        dimension = dice.choice(list(CODES))
        criteria["not"] = [{dimension: dice.choice(CODES[dimension])}]
    return criteria


def _clauses(dice: random.Random) -> list[dict[str, Any]]:
    clauses = []
    for dimension in dice.sample(list(CODES), dice.choice((1, 1, 2, 3))):
        codes = dice.sample(CODES[dimension], dice.choice((1, 2, 3)))
        clause: dict[str, Any] = {dimension: codes[0] if len(codes) == 1 else codes}
        clauses.append(clause | ({"or_unrestricted": True} if dice.random() < 0.35 else {}))
    return clauses
