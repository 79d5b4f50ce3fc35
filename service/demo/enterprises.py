"""Two thousand enterprises that do not exist, the same ones every time.

Their credit codes have true check digits but an organisation number (``DEM…``) that nobody issues; their mail goes to
domains reserved for examples (RFC 2606); their mobile numbers carry no consent, so nothing is ever pushed to them.
"""

import random
from datetime import date, datetime
from typing import Any

from stdnum.cn import uscc

from config.clock import SHANGHAI
from subscribers.model import Enrolment, SubscriberIn, SubscriptionIn

ENTERPRISES = 2_000
SEED = 20260301
CONSENTED = datetime(2025, 11, 3, 9, 30, tzinfo=SHANGHAI)

HOME = [
    "310101",
    "310104",
    "310105",
    "310106",
    "310110",
    "310112",
    "310114",
    "310115",
    "310117",
    "310118",
    "310120",
]
AWAY = ["330106", "330108", "320505", "440305", "510107"]
INDUSTRIES = {
    "I65": ("软件技术", 18),
    "C39": ("电子科技", 9),
    "C35": ("智能装备", 8),
    "C34": ("机械制造", 7),
    "C27": ("生物医药", 6),
    "C14": ("食品", 5),
    "F51": ("国际贸易", 12),
    "F52": ("商贸", 8),
    "H62": ("餐饮管理", 7),
    "G54": ("物流运输", 5),
    "M73": ("科技研发", 6),
    "L72": ("企业管理咨询", 5),
    "E50": ("建筑装饰", 4),
    "A01": ("生态农业", 3),
}
SIZES = {"micro": (1, 9, 45), "small": (10, 99, 35), "medium": (100, 300, 15), "large": (301, 2_000, 5)}
TECH = ("I65", "C39", "C35", "C34", "C27", "M73")
DOMAINS = ("example.com", "example.org", "example.net")
_FIRST = "云恒锐启华瑞新立天同海明嘉佳正远博宏景安"
_SECOND = "岭晟川达图航泰源拓信越辰朗和腾峰域科元创"

TOPICS: list[tuple[str, dict[str, Any]]] = [
    ("可申报的奖补政策", {"any": [{"all": [{"action": "apply"}, {"instrument": ["award", "subsidy"]}]}]}),
    ("工业和软件", {"any": [{"all": [{"theme": "T07"}]}], "not": [{"kind": "notice"}]}),
    ("融资支持", {"any": [{"all": [{"instrument": ["interest", "guarantee", "credit"]}]}]}),
    ("税费优惠", {"any": [{"all": [{"instrument": ["tax", "fee"]}]}]}),
    ("稳岗就业", {"any": [{"all": [{"theme": "T15"}]}, {"all": [{"instrument": "employment"}]}]}),
    ("科技政策", {"any": [{"all": [{"theme": "T11"}]}]}),
    ("外贸", {"any": [{"all": [{"instrument": ["trade", "insurance"]}]}], "keywords": ["出口", "外贸"]}),
    ("首版次", {"keywords": ["首版次", "首台套"]}),
    ("知识产权", {"keywords": ["知识产权", "专利"]}),
    ("老字号", {"any": [{"all": [{"qualification": "time-honoured"}]}, {"all": [{"theme": "T08"}]}]}),
    ("人工智能", {"keywords": ["人工智能", "算力", "大模型"]}),
]


def demo_subscribers() -> list[Enrolment]:
    """Return the enterprises ``demo-0001`` to ``demo-2000`` with their subscriptions, the same at every call."""
    dice = random.Random(SEED)
    taken: set[str] = set()
    return [_enterprise(number, dice, taken) for number in range(1, ENTERPRISES + 1)]


def _enterprise(number: int, dice: random.Random, taken: set[str]) -> Enrolment:
    industry = dice.choices(list(INDUSTRIES), [weight for _, weight in INDUSTRIES.values()])[0]
    size = dice.choices(list(SIZES), [weight for _, _, weight in SIZES.values()])[0]
    region = dice.choice(HOME) if dice.random() < 0.8 else dice.choice(AWAY)
    kind = "individual-business" if size == "micro" and dice.random() < 0.1 else "enterprise"
    staff = dice.randint(*SIZES[size][:2])
    profile = {
        "region": region,
        "industries": [industry],
        "size": size,
        "qualifications": _qualifications(industry, size, dice),
        "staff": staff,
        "revenue": staff * dice.randrange(200_000, 1_500_000, 10_000),
        "founded": date(dice.randint(1985, 2025), dice.randint(1, 12), dice.randint(1, 28)),
    }
    subscriber = {
        "name": _name(industry, kind, dice, taken),
        "credit_code": credit_code(region, number),
        "kind": kind,
        "profile": profile,
        "contacts": _contacts(number, dice),
        "preferences": _preferences(dice),
        "profile_matching": dice.random() >= 0.07,
    }
    subscriptions = _subscriptions(region, industry, dice) if dice.random() < 0.6 else ()
    return Enrolment(f"demo-{number:04}", SubscriberIn.model_validate(subscriber), subscriptions)


def _name(industry: str, kind: str, dice: random.Random, taken: set[str]) -> str:
    form = "经营部" if kind == "individual-business" else "有限公司"
    while True:
        brand = dice.choice(_FIRST) + dice.choice(_SECOND)
        name = f"示范{brand}{INDUSTRIES[industry][0]}{form}"
        if name not in taken:
            taken.add(name)
            return name


def credit_code(region: str, number: int) -> str:
    """Return a credit code with true check digits (GB 32100, GB 11714) for the made-up organisation ``number``."""
    body = f"DEM{number:05}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True)) % 11
    code = f"91{region}{body}{'X' if rest == 10 else rest % 11}"
    return code + str(uscc.calc_check_digit(code))


def _qualifications(industry: str, size: str, dice: random.Random) -> list[str]:
    chances = {"time-honoured": 0.08 if industry in ("C14", "H62", "F52") else 0.0, "foreign": 0.04}
    if industry in TECH:
        chances |= {"high-tech": 0.3, "tech-sme": 0.35, "innovative-sme": 0.25, "srdi": 0.15, "startup": 0.1}
    if size in ("medium", "large"):
        chances |= {"above-scale": 0.6, "listed": 0.05, "headquarters": 0.04}
    return [name for name, chance in chances.items() if dice.random() < chance]


def _contacts(number: int, dice: random.Random) -> list[dict[str, Any]]:
    mail: dict[str, Any] = {"channel": "email", "address": f"demo{number:04}@{dice.choice(DOMAINS)}"}
    if dice.random() >= 0.08:
        mail["consent"] = {
            "basis": "演示数据：订阅申请表",
            "at": CONSENTED,
            "evidence": f"演示表单 {number:04}",
        }
    if dice.random() < 0.5:
        return [mail, {"channel": "sms", "address": f"1990000{number:04}"}]
    return [mail]


def _preferences(dice: random.Random) -> dict[str, Any]:
    preferences: dict[str, Any] = {}
    if dice.random() < 0.1:
        preferences["quiet_hours"] = {"from": "22:00", "to": "07:30"}
    if dice.random() < 0.05:
        preferences["profile_channels"] = ["space", "email"]
    return preferences


def _subscriptions(region: str, industry: str, dice: random.Random) -> tuple[SubscriptionIn, ...]:
    chosen = dice.sample(TOPICS, dice.choice((1, 1, 2, 3)))
    if dice.random() < 0.3:
        clauses = [
            {"industry": industry, "or_unrestricted": True},
            {"region": region, "or_unrestricted": True},
        ]
        chosen.append(("本地本行业", {"any": [{"all": [*clauses, {"action": ["apply", "auto"]}]}]}))
    channels = ["space", "email"] if dice.random() < 0.8 else ["space"]
    return tuple(
        SubscriptionIn.model_validate(
            {"id": f"topic-{place}", "name": name, "criteria": criteria, "channels": channels}
        )
        for place, (name, criteria) in enumerate(chosen, 1)
    )
