"""Who should get a policy, worked out once more and in another way: labels against wishes, code by code.

Nothing of the program is used here. The rules are those of docs on matching: a clause on X is met by a label X, by one
below X and by one above X; an explicit wish is never met by a policy that says nothing in a dimension (unless it says
``or_unrestricted``), a profile always is.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

CODES = Path(__file__).resolve().parents[2] / "config" / "taxonomies" / "codes"
TREES = ("region", "industry")

Labels = Mapping[str, set[str]]  # dimension → codes
Asked = Iterable[tuple[str, float, float]]  # field, smallest and largest that will do; days since 1970-01-01


@cache
def _parents(dimension: str) -> dict[str, str]:
    with (CODES / f"{dimension}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["parent"] for row in csv.DictReader(file)}


@cache
def above(dimension: str, code: str) -> frozenset[str]:
    """Every code above ``code``."""
    if dimension not in TREES:
        return frozenset()
    found = set()
    while code := _parents(dimension).get(code, ""):
        found.add(code)
    return frozenset(found)


def labels_by_dimension(shown: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """The labels that ``GET /policies/{id}`` shows, by dimension."""
    found: dict[str, set[str]] = {}
    for label in shown:
        found.setdefault(label["dimension"], set()).add(label["code"])
    return found


def wants(criteria: Mapping[str, Any], labels: Labels, text: str) -> bool:
    """Whether an explicit subscription is met."""
    for exclusion in criteria.get("not", []):
        for dimension, codes in exclusion.items():
            for code in _listed(codes):
                if any(
                    code == label or code in above(dimension, label) for label in labels.get(dimension, ())
                ):
                    return False
    alternatives = criteria.get("any", [])
    if alternatives and not any(all(_meets(clause, labels) for clause in one["all"]) for one in alternatives):
        return False
    words = criteria.get("keywords", [])
    return not words or any(word in text for word in words)


def _meets(clause: Mapping[str, Any], labels: Labels) -> bool:
    (dimension, codes) = next((name, codes) for name, codes in clause.items() if name != "or_unrestricted")
    have = labels.get(dimension)
    if not have:
        return bool(clause.get("or_unrestricted"))
    return any(_near(dimension, label, code) for label in have for code in _listed(codes))


def _near(dimension: str, label: str, code: str) -> bool:
    return label == code or code in above(dimension, label) or label in above(dimension, code)


def _listed(codes: Any) -> list[str]:
    return [codes] if isinstance(codes, str) else list(codes)


def fits(kind: str, profile: Mapping[str, Any], labels: Labels) -> bool:
    """Whether a policy is for such a firm: silence of the policy fits all, a fact the firm leaves open asks nothing.

    But for qualifications: who names none has none.
    """
    if labels.get("subject") and kind not in labels["subject"]:
        return False
    region = profile.get("region")
    if region and labels.get("region") and not labels["region"] & {region, *above("region", region)}:
        return False
    mine = profile.get("industries") or []
    covered = [_near("industry", label, code) for label in labels.get("industry", ()) for code in mine]
    if mine and labels.get("industry") and not any(covered):
        return False
    if profile.get("size") and labels.get("size") and profile["size"] not in labels["size"]:
        return False
    if labels.get("qualification") and not labels["qualification"] & set(profile.get("qualifications") or ()):
        return False
    groups = set(profile.get("groups") or ())
    return not (groups and labels.get("group") and not labels["group"] & groups)


def days(day: str) -> int:
    """A day written YYYY-MM-DD as days since 1970-01-01."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


def has_the_numbers(profile: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a firm may be what a policy asks for: what it does not state, it may be."""
    for field, low, high in asked:
        number = profile.get(field)
        if number is None:
            continue
        number = days(number) if isinstance(number, str) else number
        if number < low or number > high:
            return False
    return True


def some_firm_has_the_numbers(ranges: Mapping[str, Mapping[str, Any]], asked: Asked) -> bool:
    """Whether there could be a firm that has what criteria and what a policy ask for."""
    for field, low, high in asked:
        ends = {
            name: days(end) if isinstance(end, str) else end for name, end in ranges.get(field, {}).items()
        }
        least = max([low, *(end for name, end in ends.items() if name in ("min", "from"))])
        most = min([high, *(end for name, end in ends.items() if name in ("max", "to"))])
        if least > most:
            return False
    return True


def can_act(labels: Labels, data: Mapping[str, Any], today: date) -> bool:
    """Whether there is something to do, so that it may go by SMS: an application, a matter, an open window."""
    window = data.get("apply_window")
    if window and window.get("closes", "9999") < today.isoformat():
        return False
    asks = "apply" in labels.get("action", ())
    return asks or any(data.get(name) for name in ("apply_window", "apply_url", "matter_codes"))


def expected(
    subscribers: Mapping[str, Mapping[str, Any]], labels: Labels, text: str, *, by_sms: bool
) -> Counter[tuple[str, str]]:
    """How many ledger rows every (subscriber, channel) should have: one per address, the space counting as one.

    Args:
        subscribers: by id, ``{"subscriber": as PUT, "subscriptions": as PUT}``.
        labels: of the policy.
        text: its title and body.
        by_sms: whether it may go there.
    """
    rows: Counter[tuple[str, str]] = Counter()
    for subscriber_id, given in subscribers.items():
        who = given["subscriber"]
        channels = set[str]()
        for subscription in given["subscriptions"]:
            if wants(subscription["criteria"], labels, text):
                channels |= set(subscription.get("channels", ["space"]))
        if who.get("profile_matching", True) and fits(who.get("kind", "enterprise"), who["profile"], labels):
            channels |= set(who.get("preferences", {}).get("profile_channels", ["space"]))
        for channel in channels if by_sms else channels - {"sms"}:
            consented = [one for one in who["contacts"] if one["channel"] == channel and one.get("consent")]
            count = 1 if channel == "space" else len(consented)
            if count:
                rows[subscriber_id, channel] = count
    return rows
