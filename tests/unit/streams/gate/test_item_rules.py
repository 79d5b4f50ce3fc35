"""The gate's rules for interpretations and FAQs: reviewed by another person, after their policy, the newest only."""

from typing import Any

import pytest

from config.taxonomies import load_taxonomy
from streams.access import Actor, Role
from streams.events import Event, parse_event
from streams.gate.rules import ItemStanding, PolicyStanding, Refusal, check
from tests.support.flow import cloud_event

CODES = load_taxonomy()
PUBLISHER = Actor("k1", Role.PUBLISHER, "张三", "sheet")
REVIEWER = Actor("k2", Role.REVIEWER, "李四", "sheet")
RELEASED = PolicyStanding(1, "released", "张三", "open", repealed=False, released=1)
WAITING = ItemStanding(2, "waiting", "张三")
RELEASES = ("interpretation.released", "faq.released")
REFUSALS = ("interpretation.refused", "faq.refused")


def event(kind: str, **changes: Any) -> Event:
    return parse_event(cloud_event(kind, {"policy_id": "P-1", "id": "I-1", "revision": 2} | changes))


def judged(
    told: Event, item: ItemStanding | None, known: PolicyStanding | None = RELEASED, actor: Actor = REVIEWER
) -> Refusal | None:
    try:
        check(told, actor, known, elsewhere=False, codes=CODES, item=item)
    except Refusal as no:
        return no
    return None


@pytest.mark.parametrize("kind", RELEASES)
def test_another_person_releases_the_newest_revision_that_waits(kind: str) -> None:
    assert judged(event(kind), WAITING) is None


@pytest.mark.parametrize("kind", RELEASES + REFUSALS)
def test_a_publisher_decides_on_nothing(kind: str) -> None:
    no = judged(event(kind, reason="不妥"), WAITING, actor=PUBLISHER)
    assert no is not None
    assert (no.code, "takes a reviewer key" in no.message) == ("forbidden", True)


@pytest.mark.parametrize("kind", RELEASES)
@pytest.mark.parametrize("holder", ["李四", "李 四", " 李四"])
def test_nobody_releases_what_the_same_person_published(kind: str, holder: str) -> None:
    no = judged(event(kind), ItemStanding(2, "waiting", holder))
    assert no is not None
    assert (no.code, "another person must release it" in no.message) == ("forbidden", True)


@pytest.mark.parametrize("known", [None, PolicyStanding(1, "waiting", "张三", "open", repealed=False)])
@pytest.mark.parametrize("kind", RELEASES)
def test_before_its_policy_is_released_an_item_waits_for_it(kind: str, known: PolicyStanding | None) -> None:
    no = judged(event(kind), WAITING, known)
    assert no is not None
    assert (no.code, "released together with it" in no.message) == ("not_ready", True)


def test_it_is_released_while_a_new_revision_of_its_policy_waits() -> None:
    known = PolicyStanding(2, "waiting", "张三", "open", repealed=False, released=1)
    assert judged(event("faq.released"), WAITING, known) is None


@pytest.mark.parametrize("known", [None, RELEASED])
@pytest.mark.parametrize("kind", REFUSALS)
def test_it_may_be_refused_at_any_time_with_a_reason(kind: str, known: PolicyStanding | None) -> None:
    no = judged(event(kind), WAITING, known)
    assert no is not None
    assert (no.code, no.message) == (
        "invalid",
        "reason: say why it is refused; the publisher will read it",
    )
    assert judged(event(kind, reason="答复有误"), WAITING, known) is None


@pytest.mark.parametrize("kind", RELEASES + REFUSALS)
@pytest.mark.parametrize(
    ("item", "code", "words"),
    [
        (None, "not_found", "there is no"),
        (ItemStanding(1, "waiting", "张三"), "not_found", "the newest is 1"),
        (ItemStanding(3, "waiting", "张三"), "stale", "decide on 3"),
        (ItemStanding(2, "released", "张三"), "conflict", "was released already"),
        (ItemStanding(2, "refused", "张三"), "conflict", "was refused already"),
    ],
)
def test_only_what_is_there_waits_and_is_the_newest_is_decided(
    kind: str, item: ItemStanding | None, code: str, words: str
) -> None:
    no = judged(event(kind, reason="不妥"), item)
    assert no is not None
    assert (no.code, words in no.message) == (code, True)


@pytest.mark.parametrize("kind", RELEASES + REFUSALS)
def test_of_a_repealed_policy_nothing_is_decided(kind: str) -> None:
    no = judged(event(kind), WAITING, PolicyStanding(1, "repealed", "张三", "open", repealed=True))
    assert no is not None
    assert (no.code, "was repealed" in no.message) == ("conflict", True)


def test_a_policy_held_without_interpretation_says_what_to_publish() -> None:
    told = parse_event(cloud_event("policy.released", {"policy_id": "P-1", "revision": 1}))
    known = PolicyStanding(1, "waiting", "张三", "open", repealed=False)
    with pytest.raises(
        Refusal, match="must be interpreted and is not: publish an interpretation first"
    ) as no:
        check(told, REVIEWER, known, elsewhere=False, codes=CODES, uninterpreted=True)
    assert no.value.code == "not_ready"
    check(told, REVIEWER, known, elsewhere=False, codes=CODES, uninterpreted=False)
