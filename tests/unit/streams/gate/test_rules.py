"""The gate's rules: every refusal says what to do, and nobody decides alone."""

from typing import Any

import pytest

from config.taxonomies import load_taxonomy
from streams.access import Actor, Role
from streams.events import Event, parse_event
from streams.gate.rules import PolicyStanding, Refusal, check, next_revision
from tests.support.flow import cloud_event, policy

CODES = load_taxonomy()
PUBLISHER = Actor("k1", Role.PUBLISHER, "Zhang San", "sheet")
REVIEWER = Actor("k2", Role.REVIEWER, "李四", "sheet")
WAITING = PolicyStanding(3, "waiting", "Zhang San", "open", repealed=False)


def event(kind: str, data: dict[str, Any] | None = None, **changes: Any) -> Event:
    plain = {"policy_id": "P-1"} | ({"revision": 3} if kind in DECISIONS else {})
    given = policy() if kind in ("policy.published", "policy.amended") else plain
    if kind == "interpretation.published":
        given |= {"interpretation": {"title": "一图读懂"}}
    if kind == "faq.published":
        given |= {"faq": {"title": "常见问题", "items": [{"question": "谁可申报？", "answer": "软件企业。"}]}}
    return parse_event(cloud_event(kind, given | (data or {}), **changes))


DECISIONS = ("policy.released", "policy.refused", "policy.labels_edited")
EXPLAIN = ("interpretation.published", "faq.published")
PUBLISHERS = ("policy.published", "policy.amended", "policy.repealed", *EXPLAIN)


def standing(**changes: Any) -> PolicyStanding:
    given = {
        "revision": 3,
        "state": "waiting",
        "publisher": "Zhang San",
        "disclosure": "open",
        "repealed": False,
    }
    return PolicyStanding(**given | changes)


def refused(event: Event, actor: Actor, known: PolicyStanding | None, *, elsewhere: bool = False) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check(event, actor, known, elsewhere=elsewhere, codes=CODES)
    return caught.value


@pytest.mark.parametrize("kind", PUBLISHERS)
def test_what_a_publisher_says_a_reviewer_may_not(kind: str) -> None:
    no = refused(event(kind), REVIEWER, WAITING)
    assert no.code == "forbidden"
    assert "takes a publisher key" in no.message


@pytest.mark.parametrize("kind", DECISIONS)
def test_what_a_reviewer_says_a_publisher_may_not(kind: str) -> None:
    no = refused(event(kind), PUBLISHER, WAITING)
    assert no.code == "forbidden"
    assert "takes a reviewer key" in no.message


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ASSOCIATION, Role.SUBSCRIBER])
@pytest.mark.parametrize("kind", PUBLISHERS + DECISIONS)
def test_nobody_else_says_anything_about_policies(kind: str, role: Role) -> None:
    assert refused(event(kind), Actor("k", role, "x", "sheet"), WAITING).code == "forbidden"


def test_a_publisher_key_without_an_agency_says_nothing() -> None:
    assert refused(event("policy.published"), Actor("k", Role.PUBLISHER, "x"), None).code == "forbidden"


def test_a_source_that_names_another_agency_is_refused() -> None:
    no = refused(event("policy.published", source="/agencies/other/desk"), PUBLISHER, None)
    assert (no.code, "agency other" in no.message) == ("forbidden", True)


@pytest.mark.parametrize("source", ["/agencies/sheet", "/agencies/sheet/desk", "/anything", "urn:x"])
def test_a_source_that_names_the_own_agency_or_none_passes(source: str) -> None:
    check(event("policy.published", source=source), PUBLISHER, None, elsewhere=False, codes=CODES)


def test_an_agency_whose_name_begins_like_ours_is_another_one() -> None:
    assert refused(event("policy.published", source="/agencies/sheet2"), PUBLISHER, None).code == "forbidden"


def test_an_unknown_label_is_refused_with_the_nearest_one() -> None:
    no = refused(event("policy.published", {"labels": ["industry:I6x"]}), PUBLISHER, None)
    assert no.code == "invalid"
    assert "unknown label industry:I6x; did you mean industry:I6" in no.message


def test_an_unknown_dimension_points_to_the_glossary() -> None:
    no = refused(event("policy.published", {"labels": ["colour:red"]}), PUBLISHER, None)
    assert (no.code, "docs/glossary.md" in no.message) == ("invalid", True)


def test_theme_and_kind_are_labels_too() -> None:
    assert "theme:T99" in refused(event("policy.published", {"theme": "T99"}), PUBLISHER, None).message
    assert "kind:poem" in refused(event("policy.published", {"kind": "poem"}), PUBLISHER, None).message


def test_a_reviewer_cannot_add_a_label_that_does_not_exist_but_may_remove_one() -> None:
    assert refused(event("policy.labels_edited", {"add": ["size:huge"]}), REVIEWER, WAITING).code == "invalid"
    check(
        event("policy.labels_edited", {"remove": ["size:huge"]}),
        REVIEWER,
        WAITING,
        elsewhere=False,
        codes=CODES,
    )


@pytest.mark.parametrize("kind", ["policy.published", "policy.amended"])
@pytest.mark.parametrize("named", [1, 3])
def test_a_revision_that_is_not_newer_is_stale(kind: str, named: int) -> None:
    no = refused(event(kind, {"revision": named}), PUBLISHER, WAITING)
    assert (no.code, "3 stands; send 4" in no.message) == ("stale", True)


def test_the_next_revision_is_one_more_unless_a_later_one_is_named() -> None:
    assert next_revision(event("policy.published").data, None) == 1  # type: ignore[arg-type]
    assert next_revision(event("policy.published").data, WAITING) == 4  # type: ignore[arg-type]
    assert next_revision(event("policy.published", {"revision": 9}).data, WAITING) == 9  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PUBLISHERS + DECISIONS)
def test_of_a_repealed_policy_nothing_more_is_said(kind: str) -> None:
    actor = PUBLISHER if kind in PUBLISHERS else REVIEWER
    no = refused(event(kind), actor, standing(state="repealed", repealed=True))
    assert (no.code, "was repealed" in no.message) == ("conflict", True)


@pytest.mark.parametrize("kind", ["policy.amended", "policy.repealed", *DECISIONS])
def test_an_unknown_policy_is_not_found_and_a_foreign_one_forbidden(kind: str) -> None:
    actor = PUBLISHER if kind in PUBLISHERS else REVIEWER
    assert refused(event(kind), actor, None).code == "not_found"
    assert refused(event(kind), actor, None, elsewhere=True).code == "forbidden"


@pytest.mark.parametrize("kind", EXPLAIN)
def test_what_explains_a_policy_may_come_before_it_but_not_to_a_foreign_one(kind: str) -> None:
    check(event(kind), PUBLISHER, None, elsewhere=False, codes=CODES)
    no = refused(event(kind), PUBLISHER, None, elsewhere=True)
    assert (no.code, "belongs to another agency" in no.message) == ("forbidden", True)


def test_two_agencies_may_use_the_same_policy_id() -> None:
    check(event("policy.published"), PUBLISHER, None, elsewhere=True, codes=CODES)


@pytest.mark.parametrize(
    "holder",
    ["Zhang San", "zhang san", "ZHANG SAN", " Zhang San ", "Zhang\u3000San", "ZhangSan", "Ｚhang San"],
)
def test_nobody_releases_what_the_same_person_published(holder: str) -> None:
    no = refused(event("policy.released"), Actor("k9", Role.REVIEWER, holder, "sheet"), WAITING)
    assert (no.code, "another person must release it" in no.message) == ("forbidden", True)


@pytest.mark.parametrize("disclosure", ["on_request", "withheld"])
def test_what_is_not_disclosed_openly_is_never_released(disclosure: str) -> None:
    no = refused(event("policy.released"), REVIEWER, standing(disclosure=disclosure))
    assert (no.code, disclosure in no.message) == ("forbidden", True)


@pytest.mark.parametrize("disclosure", ["on_request", "withheld"])
def test_what_is_not_disclosed_openly_may_be_refused(disclosure: str) -> None:
    told = event("policy.refused", {"reason": "不予公开"})
    check(told, REVIEWER, standing(disclosure=disclosure), elsewhere=False, codes=CODES)


@pytest.mark.parametrize("kind", DECISIONS)
def test_before_the_labels_nothing_is_decided(kind: str) -> None:
    assert refused(event(kind), REVIEWER, standing(state="received")).code == "not_ready"


@pytest.mark.parametrize("kind", DECISIONS)
def test_an_older_revision_is_not_decided_any_more(kind: str) -> None:
    no = refused(event(kind, {"revision": 2}), REVIEWER, WAITING)
    assert (no.code, "decide on 3" in no.message) == ("stale", True)


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_revision_that_never_came_is_not_found(kind: str) -> None:
    assert refused(event(kind, {"revision": 4}), REVIEWER, WAITING).code == "not_found"


@pytest.mark.parametrize("kind", DECISIONS)
@pytest.mark.parametrize("state", ["released", "refused", "superseded"])
def test_what_was_decided_stays_decided(kind: str, state: str) -> None:
    assert refused(event(kind), REVIEWER, standing(state=state)).code == "conflict"


def test_a_refusal_must_say_why() -> None:
    assert refused(event("policy.refused"), REVIEWER, WAITING).code == "invalid"
    check(event("policy.refused", {"reason": "日期有误"}), REVIEWER, WAITING, elsewhere=False, codes=CODES)


def test_another_person_releases_what_is_open_and_labelled() -> None:
    check(event("policy.released"), REVIEWER, WAITING, elsewhere=False, codes=CODES)
