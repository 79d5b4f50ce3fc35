"""The audience of a policy before its release, asked of every shard, on a real record."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.clock import SHANGHAI
from config.database.schema import previews
from streams.names import PREVIEW_TASKS
from streams.preview import PreviewTimeout
from subscribers.associations import Membership, put_association
from subscribers.correcting import WhoIn, correct
from subscribers.memberships import join
from subscribers.model import Preferences
from subscribers.suppression import suppress
from subscribers.vouching import vouch_for_code, vouch_for_membership
from tests.support.flow import AGENCY, NOW, SHARDS, Flow
from tests.support.previews import answered, ask


def preferences(**given: Any) -> dict[str, Any]:
    return {"preferences": Preferences.model_validate(given)}


async def test_a_preview_counts_every_shard_and_plans_nothing(flow: Flow) -> None:
    for number in range(6):
        await flow.subscriber(f"S-{number}", channels=("email", "space") if number < 3 else ("space",))
    found = await answered(flow)
    assert (found["matched"], found["by_channel"]) == (6, {"email": 3, "space": 6})
    assert {sample["subscriber_id"] for sample in found["samples"]} == {f"S-{n}" for n in range(6)}
    assert {why["name"] for sample in found["samples"] for why in sample["reasons"]} == {"软件扶持"}
    label = {"dimension": "industry", "code": "I65", "name": "软件和信息技术服务业", "quote": ""}
    assert label in found["labels"]
    assert await flow.rows() == []


async def test_samples_come_from_all_shards_and_are_ten_at_most(flow: Flow) -> None:
    for number in range(24):
        await flow.subscriber(f"S-{number}")
    found = await answered(flow)
    assert (found["matched"], len(found["samples"])) == (24, 10)


async def test_an_audience_is_parted_by_region_industry_and_size(flow: Flow) -> None:
    await flow.subscriber("A", profile={"region": "310118", "industries": ["I65", "C39"], "size": "small"})
    await flow.subscriber("B", profile={"region": "310115", "industries": ["I6513"], "size": "small"})
    await flow.subscriber("C", profile={"region": "440300"})
    found = await answered(flow, labels=["industry:I65", "region:310000"])
    assert [(row["code"], row["count"]) for row in found["by_region"]] == [
        ("310115", 1),
        ("310118", 1),
        ("440000", 1),
    ]
    assert [(row["name"], row["count"]) for row in found["by_industry"]] == [
        ("信息传输、软件和信息技术服务业", 2),
        (None, 1),
        ("制造业", 1),
    ]
    assert [(row["code"], row["count"]) for row in found["by_size"]] == [("small", 2), (None, 1)]


async def test_what_would_not_go_out_at_once_is_told_by_reason_and_channel(flow: Flow) -> None:
    flow.clock.advance(datetime(2026, 3, 2, 22, 30, tzinfo=SHANGHAI) - flow.clock.now())
    quiet = preferences(quiet_hours={"from": "22:00", "to": "09:30"})
    await flow.subscriber("at-once", channels=("email", "sms", "space"))
    await flow.subscriber("quiet", channels=("email", "sms", "space"), **quiet)
    await flow.subscriber("daily", channels=("email", "space"), **preferences(frequency="daily"))
    await flow.subscriber("silent", channels=("email", "space"), contacts=[])
    await flow.subscriber(
        "unasked", channels=("email",), contacts=[{"channel": "email", "address": "unasked@example.com"}]
    )
    await flow.subscriber("dead", channels=("email",))
    async with flow.record.write() as conn:
        address = "dead@example.com"
        await suppress(conn, flow.desk.vault, "email", address, reason="hard_bounce", now=flow.clock.now())
    found = await answered(flow)
    assert found["matched"] == 6
    assert found["by_channel"] == {"email": 3, "sms": 2, "space": 4}
    assert found["held_back"] == {
        "digest": {"email": 1},
        "no_consent": {"email": 1},
        "no_contact": {"email": 1},
        "quiet_hours": {"email": 1, "sms": 1},
        "sms_hours": {"sms": 1},
        "suppressed": {"email": 1},
    }


async def test_what_ends_before_the_digest_is_read_does_not_wait_for_it(flow: Flow) -> None:
    await flow.subscriber("weekly", channels=("email",), **preferences(frequency="weekly"))
    assert (await answered(flow))["held_back"] == {"digest": {"email": 1}}
    tomorrow = (flow.clock.now() + timedelta(days=1)).astimezone(SHANGHAI).date()
    window = {"opens": None, "closes": tomorrow.isoformat()}
    assert (await answered(flow, apply_window=window))["held_back"] == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"apply_window": {"opens": None, "closes": "2026-03-01"}}, "apply_window"),
        ({"valid_until": "2026-03-01"}, "valid_until"),
        ({"disclosure": "on_request"}, "not_open"),
    ],
)
async def test_what_may_not_go_goes_to_nobody_and_says_why(
    flow: Flow, changes: dict[str, Any], why: str
) -> None:
    await flow.subscriber("S-1", channels=("email", "space"), **preferences(frequency="daily"))
    found = await answered(flow, matter_codes=None, **changes)
    assert (found["matched"], found["by_channel"]) == (1, {})
    assert found["held_back"] == {why: {"email": 1, "space": 1}}


async def test_a_targeted_policy_is_previewed_for_whom_it_names(flow: Flow) -> None:
    await flow.subscriber("wants-not-named", channels=("email",))
    await flow.subscriber("named-wants", channels=("email",))
    await flow.subscriber("named", {})
    scope = {"subscribers": ["named", "named-wants", "nobody"]}
    found = await answered(flow, audience_scope=scope)
    assert (found["matched"], found["by_channel"]) == (2, {"email": 1, "space": 2})
    assert {sample["subscriber_id"] for sample in found["samples"]} == {"named", "named-wants"}


async def test_the_few_that_a_policy_names_are_not_described(flow: Flow) -> None:
    await flow.subscriber(
        "named", profile={"region": "310118", "size": "small"}, channels=("email",), contacts=[]
    )
    found = await answered(flow, audience_scope={"subscribers": ["named"]})
    tables = (found["by_region"], found["by_industry"], found["by_size"], found["held_back"])
    assert (found["matched"], tables) == (1, ([], [], [], {}))


CODE, OTHER = "91310000MA1K4C0T0N", "913101150000000120"


async def entered_itself(flow: Flow, who: str, *, code: str | None = CODE, member: bool = False) -> None:
    """Somebody types in a credit code, and joins an association, on its own word."""
    await flow.subscriber(who, {})
    async with flow.record.write() as conn:
        if code is not None:
            await correct(conn, who, WhoIn(name=who, credit_code=code), now=NOW)
        if member:
            await put_association(conn, "soft", "软件行业协会", now=NOW)
            await join(conn, Membership("soft", who, NOW, "本人"), actor=who)


async def test_how_many_are_named_by_what_waits_to_be_confirmed_is_told(flow: Flow) -> None:
    scope = {"credit_codes": [CODE], "associations": ["soft"]}
    await entered_itself(flow, "both", member=True)
    await entered_itself(flow, "coded")
    await entered_itself(flow, "other-code", code=OTHER)
    await entered_itself(flow, "member", code=None, member=True)
    found = await answered(flow, audience_scope=scope)
    assert (found["matched"], found["unconfirmed"]) == (0, {"credit_codes": 2, "memberships": 2})
    async with flow.record.write() as conn:
        await vouch_for_code(conn, "coded", CODE, confirmed=True, actor="运维", now=NOW)
        await vouch_for_membership(conn, "soft", "member", confirmed=True, actor="协会", now=NOW)
    found = await answered(flow, audience_scope=scope)
    assert (found["matched"], found["unconfirmed"]) == (2, {"credit_codes": 1, "memberships": 1})


async def test_who_is_named_in_another_way_as_well_waits_for_no_confirmation(flow: Flow) -> None:
    await entered_itself(flow, "both", member=True)
    scope = {"subscribers": ["both"], "credit_codes": [CODE], "associations": ["soft"]}
    found = await answered(flow, audience_scope=scope)
    assert (found["matched"], found["unconfirmed"]) == (1, {})


async def test_nothing_waits_where_nobody_is_named(flow: Flow) -> None:
    await entered_itself(flow, "both", member=True)
    assert (await answered(flow))["unconfirmed"] == {}


async def test_others_do_not_see_how_few_wait(flow: Flow) -> None:
    for number in range(6):
        await entered_itself(flow, f"S-{number}", member=number < 2)
    scope = {"credit_codes": [CODE], "associations": ["soft"]}
    found = await answered(flow, audience_scope=scope, own=False)
    assert found["unconfirmed"] == {"credit_codes": 6, "memberships": "<5"}


async def test_an_amendment_also_reaches_who_got_the_policy_before(flow: Flow) -> None:
    await flow.subscriber("both", channels=("email", "space"))
    await flow.subscriber("once", channels=("email",))
    await flow.campaign()
    await flow.pump()
    other = await flow.subscriber("once", {"any": [{"all": [{"industry": "A01"}]}]})
    await flow.announce(other, await flow.subscriber("new", channels=("space",)))
    await flow.pump()
    found = await answered(flow, before=(AGENCY, "P-1", 1))
    assert (found["matched"], found["by_channel"]) == (3, {"email": 2, "space": 2})
    reasons = {one["subscriber_id"]: one["reasons"][0]["subscription"] for one in found["samples"]}
    assert reasons["once"] == "former"
    named = await answered(flow, before=(AGENCY, "P-1", 1), audience_scope={"subscribers": ["once", "new"]})
    assert (named["matched"], named["by_channel"]) == (2, {"email": 1, "space": 2})


async def test_others_do_not_see_counts_below_five_nor_who_it_is(flow: Flow) -> None:
    for number in range(7):
        profile = {"region": "310118" if number else "440300"}
        await flow.subscriber(
            f"S-{number}", channels=("email", "space") if number < 3 else ("space",), profile=profile
        )
    found = await answered(flow, own=False)
    assert (found["matched"], found["by_channel"], found["samples"]) == (
        7,
        {"email": "<5", "space": "≥5"},
        [],
    )
    assert {row["code"]: row["count"] for row in found["by_region"]} == {"310000": 5}


async def test_a_preview_that_is_not_answered_says_how_many_are_missing(flow: Flow) -> None:
    with pytest.raises(PreviewTimeout, match="0 of 4 shards answered"):
        await ask(flow, timeout_s=0.1)
    with pytest.raises(PreviewTimeout, match="0 of 4 shards answered"):
        await ask(flow, timeout_s=0)


async def test_old_previews_are_cleaned_away_and_their_tasks_passed_over(flow: Flow) -> None:
    with pytest.raises(PreviewTimeout):
        await ask(flow, timeout_s=0)
    flow.clock.advance(timedelta(hours=2))
    with pytest.raises(PreviewTimeout):
        await ask(flow, timeout_s=0)
    await flow.pump(PREVIEW_TASKS)
    async with flow.record.read() as conn:
        rows = (await conn.execute(select(previews))).all()
    assert len(rows) == SHARDS
    assert {row.at for row in rows} == {flow.clock.now()}
    assert all(row.result is not None for row in rows)
