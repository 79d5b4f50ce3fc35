"""Rule 2: by SMS only what one can act on, and how that ended."""

from datetime import date, timedelta
from typing import Any

import pytest

from streams.campaigns.record import Campaign, campaign_id
from streams.fanout.actionable import actionable, may_go
from streams.fanout.rows import FORMER_WHY, RELAYED_WHY, Routes, planned_rows
from streams.matching.index import Why
from tests.support.flow import NOW

TODAY = date(2026, 3, 2)
OPEN, LAST = {"closes": "2026-06-30"}, {"closes": "2026-03-02"}
SOFT = Why("soft", ("industry:I65",))


@pytest.mark.parametrize(
    ("labels", "data", "can_act"),
    [
        (("industry:I65", "action:inform"), {}, False),
        (("action:consult",), {}, False),
        (("action:auto",), {}, False),
        (("action:apply",), {}, True),
        ((), {"apply_url": "https://apply.example.cn/"}, True),
        ((), {"matter_codes": ["440100-1"]}, True),
        ((), {"matter_codes": []}, False),
        ((), {"apply_window": OPEN}, True),
        ((), {"apply_window": LAST}, True),
        ((), {"apply_window": {"opens": "2026-05-01", "closes": None}}, True),
        (("action:apply",), {"apply_window": None, "apply_url": None}, True),
    ],
)
def test_one_can_act_on_what_says_so_or_names_where_or_until_when(
    labels: tuple[str, ...], data: dict[str, Any], can_act: bool
) -> None:
    assert actionable(labels, data, TODAY) is can_act


def test_once_the_window_has_closed_one_cannot_act_whatever_else_is_said() -> None:
    data = {"apply_window": LAST, "apply_url": "https://apply.example.cn/", "matter_codes": ["1"]}
    assert actionable(("action:apply",), data, TODAY)
    assert not actionable(("action:apply",), data, TODAY + timedelta(days=1))


def rows(kind: str, whys: tuple[Why, ...], *, can_act: bool) -> list[str]:
    campaign = Campaign(campaign_id("a", "P", 1, kind), "a", "P", 1, kind, "running", ())
    routes: Routes = {("email", "c-1"): whys, ("sms", "c-2"): whys, ("space", "space"): whys}
    return [row["channel"] for row in planned_rows(campaign, 0, "S-1", routes, NOW, can_act=can_act)]


@pytest.mark.parametrize(
    "kind", ["policy", "interpretation:i:1", "faq:f:1", "effective:2026-07-01", "relay:r"]
)
def test_what_one_cannot_act_on_has_no_row_for_sms(kind: str) -> None:
    assert rows(kind, (SOFT, RELAYED_WHY), can_act=False) == ["email", "space"]
    assert rows(kind, (SOFT,), can_act=True) == ["email", "sms", "space"]


@pytest.mark.parametrize("kind", ["repeal", "expiry:2026-07-01"])
def test_how_it_ended_goes_where_it_went(kind: str) -> None:
    assert rows(kind, (FORMER_WHY,), can_act=False) == ["email", "sms", "space"]


def test_an_amendment_that_takes_the_action_away_is_told_to_those_who_had_it_by_sms() -> None:
    assert "sms" in rows("policy", (SOFT, FORMER_WHY), can_act=False)


def test_without_a_word_nothing_goes_by_sms() -> None:
    campaign = Campaign(campaign_id("a", "P", 1, "policy"), "a", "P", 1, "policy", "running", ())
    assert list(planned_rows(campaign, 0, "S-1", {("sms", "c"): (SOFT,)}, NOW)) == []
    assert may_go("space", "policy", False, can_act=False)
