"""A policy that asks every applicant for numbers is not for whom they rule out: at its release, and later on."""

from sqlalchemy import select

from config.database.schema import deliveries, policy_facts
from streams.names import SUBSCRIPTION_CHANGES
from streams.policies import find_policy
from streams.preview.asking import of_view
from tests.support.flow import AGENCY, SOFTWARE, Flow, policy
from tests.support.previews import answered_of

WINDOW = {"apply_window": {"opens": "2026-03-01", "closes": "2026-03-31"}}
BODY = "一、申报条件\n（一）注册成立满1年；\n（二）从业人员20人以上。\n二、支持方式\n对软件企业给予最高50万元补助。\n"
ABOUT_SMALL = SOFTWARE | {"profile": {"staff": {"max": 19}}}
ABOUT_OTHERS = SOFTWARE | {"profile": {"staff": {"max": 300}}}


CORRECTED = [
    {"number": 0, "value": None},
    {"number": 1, "value": {"field": "employees", "op": ">=", "value": 10, "unit": "person"}},
]


async def came_to(flow: Flow) -> set[str]:
    async with flow.record.read() as conn:
        return set(await conn.scalars(select(deliveries.c.subscriber_id)))


async def some_firms(flow: Flow) -> None:
    """Enterprises matched by what they are, and two that ask for policies for firms of a size."""
    for name, profile in (
        ("large", {"staff": 20, "founded": "2025-03-31"}),
        ("small", {"staff": 19}),
        ("young", {"staff": 20, "founded": "2025-04-01"}),
        ("silent", {}),
    ):
        change = await flow.subscriber(
            name, {}, profile_matching=True, profile={"industries": ["I65"]} | profile
        )
        await flow.announce(change)
    for name, criteria in (("asks-small", ABOUT_SMALL), ("asks-others", ABOUT_OTHERS)):
        await flow.announce(await flow.subscriber(name, criteria, profile={"staff": 1}))
    await flow.pump(SUBSCRIPTION_CHANGES)


async def test_a_release_reaches_whom_its_numbers_do_not_rule_out(flow: Flow) -> None:
    await some_firms(flow)
    await flow.campaign(body=BODY, **WINDOW)
    await flow.pump()
    # Founded on the last day of the window less one year: old enough in time. What one asks for is asked for.
    assert await came_to(flow) == {"large", "silent", "asks-others"}


async def test_who_joins_while_the_window_is_open_is_asked_the_same(flow: Flow) -> None:
    await flow.campaign(body=BODY, **WINDOW)
    await flow.pump()
    await some_firms(flow)
    await flow.pump()
    assert await came_to(flow) == {"large", "silent", "asks-others"}


async def test_a_condition_that_a_reviewer_took_away_asks_nothing(flow: Flow) -> None:
    await some_firms(flow)
    status = await flow.tell("policy.published", policy(body=BODY))
    assert status.status == "accepted"
    await flow.pump()
    async with flow.record.write() as conn:
        f = policy_facts.c
        taken = policy_facts.update().where(f.name == "conditions").values(value=None, origin="reviewer")
        assert (await conn.execute(taken)).rowcount == 2
    await flow.release()
    await flow.pump()
    assert await came_to(flow) == {"large", "small", "young", "silent", "asks-small", "asks-others"}


async def corrected(flow: Flow) -> None:
    """Publish, and let a reviewer take the age away and ask for ten persons instead of twenty."""
    assert (await flow.tell("policy.published", policy(body=BODY, **WINDOW))).status == "accepted"
    await flow.pump()
    given = {"policy_id": "P-1", "revision": 1, "conditions": CORRECTED}
    status = await flow.tell("policy.labels_edited", given, "reviewer")
    assert status.status == "accepted", status.reason


async def test_what_a_reviewer_corrected_is_asked_at_the_preview_and_at_the_release(flow: Flow) -> None:
    await some_firms(flow)
    await corrected(flow)
    async with flow.record.read() as conn:
        view = await find_policy(conn, AGENCY, "P-1")
    assert view is not None
    wanted = {"large", "small", "young", "silent", "asks-small", "asks-others"}
    assert {one["subscriber_id"] for one in (await answered_of(flow, of_view(view)))["samples"]} == wanted
    await flow.release()
    await flow.pump()
    assert await came_to(flow) == wanted


async def test_what_a_reviewer_corrected_is_asked_of_who_joins_while_the_window_is_open(flow: Flow) -> None:
    await corrected(flow)
    await flow.release()
    await flow.pump()
    await some_firms(flow)
    tiny = {"industries": ["I65"], "staff": 9}
    await flow.announce(await flow.subscriber("tiny", {}, profile_matching=True, profile=tiny))
    await flow.pump(SUBSCRIPTION_CHANGES)
    await flow.pump()
    assert await came_to(flow) == {"large", "small", "young", "silent", "asks-small", "asks-others"}
