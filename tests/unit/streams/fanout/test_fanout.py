"""Fan-out: one row per contact with every reason that leads there."""

from streams.campaigns.record import Campaign, campaign_id, delivery_id
from streams.fanout.rows import FORMER_WHY, NAMED_WHY, Routes, batches, merge, planned_rows, routes_of
from streams.matching.index import Match, Why
from tests.support.flow import NOW

CAMPAIGN = Campaign(campaign_id("sheet", "P-1", 1, "policy"), "sheet", "P-1", 1, "policy", "running", ())
EMAIL, SPACE = ("email", "c-1"), ("space", "space")
SOFT, OWN = Why("soft", ("industry:I65",)), Why(None, ("region:310000",))


def test_a_row_per_contact_carries_the_reasons_of_every_wish() -> None:
    routes = routes_of(Match("S-1", ((EMAIL, (SOFT,)), (SPACE, (SOFT, OWN)))))
    rows = {row["channel"]: row for row in planned_rows(CAMPAIGN, 3, "S-1", routes, NOW)}
    assert set(rows) == {"email", "space"}
    assert rows["email"]["reasons"] == [{"subscription": "soft", "labels": ["industry:I65"]}]
    assert rows["space"]["reasons"] == [
        {"subscription": "soft", "labels": ["industry:I65"]},
        {"subscription": None, "labels": ["region:310000"]},
    ]
    assert {row["state"] for row in rows.values()} == {"planned"}
    assert {row["shard"] for row in rows.values()} == {3}


def test_merging_keeps_one_message_for_a_contact_with_the_reasons_of_all() -> None:
    routes: Routes = {EMAIL: (SOFT,)}
    merge(routes, [(EMAIL, (FORMER_WHY,)), (SPACE, (NAMED_WHY,))])
    assert routes == {EMAIL: (SOFT, FORMER_WHY), SPACE: (NAMED_WHY,)}


def test_a_channel_that_this_house_does_not_have_is_passed_over() -> None:
    rows = list(planned_rows(CAMPAIGN, 0, "S-1", {("pigeon", "c"): (SOFT,), EMAIL: (SOFT,)}, NOW))
    assert [row["channel"] for row in rows] == ["email"]


def test_a_delivery_id_is_the_same_at_every_try_and_another_for_everything_else() -> None:
    again = Campaign(
        campaign_id("sheet", "P-1", 1, "policy"), "sheet", "P-1", 1, "policy", "stopped", ("x:y",)
    )
    assert delivery_id(CAMPAIGN, "S-1", *EMAIL) == delivery_id(again, "S-1", *EMAIL)
    others = [
        delivery_id(CAMPAIGN, "S-2", *EMAIL),
        delivery_id(CAMPAIGN, "S-1", "email", "c-2"),
        delivery_id(CAMPAIGN, "S-1", "sms", "c-1"),
        delivery_id(CAMPAIGN, "S-1", *EMAIL),
    ]
    assert len(set(others)) == 4
    ids = [
        campaign_id("sheet", "P-1", 2, "policy"),
        campaign_id("sheet", "P-1", 1, "repeal"),
        campaign_id("other", "P-1", 1, "policy"),
        CAMPAIGN.campaign_id,
    ]
    assert len(set(ids)) == 4


def test_batches_are_full_but_the_last_and_lose_nobody() -> None:
    ids = [str(n) for n in range(1001)]
    cut = list(batches(ids, 500))
    assert [len(batch) for batch in cut] == [500, 500, 1]
    assert [one for batch in cut for one in batch] == ids
    assert list(batches([], 500)) == []
