"""Reading events: each malformed one names its field, and nothing but EventError comes out."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import MAX_EVENT_BYTES, Event, EventError, EventType, parse_event
from streams.events.policy_data import Decision, PolicyData
from subscribers.words import plainly
from tests.support.flow import cloud_event, policy


def wrong(raw: bytes | str) -> str:
    with pytest.raises(EventError) as caught:
        parse_event(raw)
    assert str(caught.value) == "; ".join(caught.value.wrong)
    return str(caught.value)


def wrong_data(**changes: Any) -> str:
    return wrong(cloud_event("policy.published", policy(**changes)))


def data(**changes: Any) -> PolicyData:
    read = parse_event(cloud_event("policy.published", policy(**changes))).data
    assert isinstance(read, PolicyData)
    return read


def test_a_sound_event_is_read_whole() -> None:
    event = parse_event(cloud_event("policy.published", policy(), "e-1"))
    assert (event.id, event.source, event.type, event.policy_id) == (
        "e-1",
        "/tests",
        EventType.PUBLISHED,
        "P-1",
    )


def test_extension_attributes_pass_as_cloudevents_says() -> None:
    assert parse_event(cloud_event("policy.published", policy(), traceparent="00-1-2-3")).policy_id == "P-1"


@pytest.mark.parametrize("field", ["policy_id", "title", "issuer", "publish_date", "disclosure", "body"])
def test_a_missing_field_is_named(field: str) -> None:
    assert wrong_data(**{field: None}) == f"{field}: missing"


@pytest.mark.parametrize("field", ["specversion", "id", "source", "type", "data"])
def test_a_missing_attribute_of_the_envelope_is_named(field: str) -> None:
    envelope = orjson.loads(cloud_event("policy.published", policy()))
    del envelope[field]
    assert wrong(orjson.dumps(envelope)) == f"{field}: missing"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("policy_id", "two words"),
        ("policy_id", "line\n"),
        ("policy_id", "x" * 129),
        ("title", ""),
        ("title", "   "),
        ("title", 5),
        ("title", "字" * 501),
        ("body", ""),
        ("publish_date", "2026-02-30"),
        ("publish_date", "2026-3-1"),
        ("publish_date", "2026-03-01T00:00:00"),
        ("publish_date", 20260301),
        ("publish_date", 1772323200),
        ("disclosure", "secret"),
        ("revision", 0),
        ("revision", True),
        ("revision", "2"),
        ("revision", 1.0),
        ("revision", 2**31),
        ("revision", 10**30),
        ("source_url", "javascript:alert(1)"),
        ("apply_url", "no address"),
        ("theme", "07"),
        ("kind", "Call"),
        ("labels", "industry:I65"),
        ("valid_until", False),
    ],
)
def test_a_wrong_value_names_its_field(field: str, value: Any) -> None:
    assert wrong_data(**{field: value}).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"labels": ["I65"]}, "labels.0"),
        ({"audience_scope": {}}, "audience_scope"),
        ({"audience_scope": {"credit_codes": ["123"]}}, "audience_scope.credit_codes.0"),
        ({"interpretations": [{"title": "好", "form": "poem"}]}, "interpretations.0.form"),
        ({"attachments": [{"title": "表"}]}, "attachments.0.url"),
        ({"relations": {"amends": [""]}}, "relations.amends.0"),
        ({"apply_window": {"closes": "soon"}}, "apply_window.closes"),
    ],
)
def test_a_wrong_value_inside_another_names_its_whole_way(changes: dict[str, Any], where: str) -> None:
    assert wrong_data(**changes).startswith(f"{where}: ")


def test_unknown_fields_are_refused_by_name_wherever_they_stand() -> None:
    said = wrong_data(colour="red", apply_window={"opened": "2026-03-01"})
    assert "colour: unknown field" in said
    assert "apply_window.opened: unknown field" in said


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("region:上海", ", did you mean region:310000 (上海市)?"),
        ("Region：上海", ", did you mean region:310000 (上海市)?"),
        (" region:310000", ", did you mean region:310000 (上海市)?"),
        ("subject:鑫鑫鑫", ", such as subject:enterprise"),
        ("theme:", ", such as theme:T01"),
        (
            "软件",
            ", such as industry:I65; the dimensions are region, theme, kind, instrument, industry, subject, size, "
            "qualification, group, action",
        ),
    ],
)
def test_a_label_in_another_form_is_told_the_form_and_the_nearest_one(label: str, told: str) -> None:
    assert wrong_data(labels=[label]) == f"labels.0: {label} is no label: write dimension:code{told}"


def test_of_many_wrong_labels_one_is_looked_up_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(plainly, "label_meant", lambda label: [asked.append(label), ", it means"][1])
    said = wrong(
        cloud_event(
            "policy.labels_edited",
            {
                "policy_id": "P-1",
                "revision": 1,
                "add": ["region:上海", "x" * 500],
                "remove": ["industry:软件"],
            },
        )
    )
    assert asked == ["region:上海"]
    assert said == (
        "add.0: region:上海 is no label: write dimension:code, it means; "
        f"add.1: {'x' * 80} is no label: write dimension:code; "
        "remove.0: industry:软件 is no label: write dimension:code"
    )


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(EventError) as caught:
        parse_event(cloud_event("policy.published", policy(title=None, issuer="", revision=-1)))
    assert [line.split(":")[0] for line in caught.value.wrong] == ["title", "issuer", "revision"]


@pytest.mark.parametrize("kind", ["policy.burnt", "", "Policy.Published"])
def test_an_unknown_type_is_named(kind: str) -> None:
    assert wrong(cloud_event(kind, policy())).startswith("type: ")


@pytest.mark.parametrize("kind", ["policy.released", "policy.refused", "policy.labels_edited"])
def test_a_decision_names_the_revision_it_is_about(kind: str) -> None:
    assert wrong(cloud_event(kind, {"policy_id": "P-1"})) == "revision: missing"
    assert wrong(cloud_event(kind, {"policy_id": "P-1", "revision": True})).startswith("revision: ")


def test_each_type_has_its_own_data() -> None:
    read = parse_event(cloud_event("policy.released", {"policy_id": "P-1", "revision": 2})).data
    assert read == Decision(policy_id="P-1", revision=2)
    assert "title: unknown field" in wrong(cloud_event("policy.repealed", policy()))


# -- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["2026-03-01T08:00:00", "2026-03-01", 1772323200, "yesterday"])
def test_a_time_without_a_zone_is_refused(time: Any) -> None:
    assert wrong(cloud_event("policy.published", policy(), time=time)).startswith("time: ")


@pytest.mark.parametrize("time", ["2026-03-01T08:00:00+08:00", "2026-03-01T00:00:00Z"])
def test_a_time_with_a_zone_passes(time: str) -> None:
    assert parse_event(cloud_event("policy.published", policy(), time=time)).policy_id == "P-1"


def test_an_application_window_ends_after_it_begins() -> None:
    said = wrong_data(apply_window={"opens": "2026-04-02", "closes": "2026-04-01"})
    assert said.startswith("apply_window: ")
    assert "closes (2026-04-01) is before opens (2026-04-02)" in said


@pytest.mark.parametrize(
    "window", [{"opens": "2026-04-01", "closes": "2026-04-01"}, {"closes": "2026-04-01"}, {}]
)
def test_a_window_of_one_day_or_open_at_one_side_is_sound(window: dict[str, str]) -> None:
    assert data(apply_window=window).apply_window is not None


# -- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "body", "contact"])
def test_a_nul_is_refused_by_the_name_of_its_field(field: str) -> None:
    assert wrong_data(**{field: "甲\0乙"}) == f"{field}: the character U+0000 is not allowed, remove it"


@pytest.mark.parametrize("field", ["title", "body"])
@pytest.mark.parametrize(
    "tag",
    [
        "<p>",
        "</P>",
        "<br/>",
        "<BR />",
        "<em>",
        "<i>",
        "<hr/>",
        "<o:p>",
        "</B>",
        '<P align="left">',
        "<!--[",
        "&nbsp;",
        "&#160;",
        '<td style="width: 10%">',
    ],
)
def test_html_is_refused_by_the_name_of_its_field_with_what_to_send(field: str, tag: str) -> None:
    reason = f"{field}: holds HTML ({tag[:20]}): send the plain text, a line for each paragraph"
    assert wrong_data(**{field: f"软件企业{tag}可申报"}) == reason


def test_html_in_what_explains_a_policy_is_refused_too() -> None:
    assert wrong_data(interpretations=[{"title": "解读", "body": "<p>一"}]).startswith(
        "interpretations.0.body: "
    )


@pytest.mark.parametrize(
    "text",
    [
        "营业收入<2000万元",
        "100<p<300",
        "<企业名称>",
        "甲<乙>丙",
        "得分在<A>档",
        "<P 型>",
        "若x<a 且b>c",
        "<Table 1>",
        "A&B；C&D",
        "?a=1&lt=2",
        "《<办法>的通知》",
        "<!-- INFO END -->",
    ],
)
def test_what_is_no_tag_is_text(text: str) -> None:
    assert data(body=text).body == text


def test_a_nul_deep_inside_or_in_the_envelope_is_refused_too() -> None:
    assert wrong_data(interpretations=[{"title": "a\0"}]).startswith("interpretations.0.title: ")
    assert wrong(cloud_event("policy.published", policy(), "e\0")).startswith("id: ")
    assert wrong(cloud_event("policy.published", policy(), source="\0")).startswith("source: ")


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert data(title=r"C:\u0000").title == r"C:\u0000"


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"\ud800\ud800"])
def test_a_lone_surrogate_is_not_valid_json(escape: str) -> None:
    raw = cloud_event("policy.published", policy(title="TITLE")).replace(b"TITLE", escape.encode())
    assert wrong(raw).startswith("not valid JSON")


def test_a_text_with_a_lone_surrogate_is_refused_not_crashed_on() -> None:
    assert wrong('{"id": "\ud800"}').startswith("not valid UTF-8")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b'"x"'])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert wrong(raw)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1" * 5000, b"1e999"])
def test_a_number_that_is_none_is_refused(number: bytes) -> None:
    raw = cloud_event("policy.published", policy(revision=77)).replace(b"77", number)
    assert wrong(raw)


# -- size ------------------------------------------------------------------------------------------------------------


def test_the_limit_is_512_kib_and_counts_bytes_not_characters() -> None:
    room = MAX_EVENT_BYTES - len(cloud_event("policy.published", policy(body=""), "e-1"))
    fits = cloud_event("policy.published", policy(body="a" * (room - 1)), "e-1")
    assert "larger than" not in wrong(fits)  # a body has a limit of its own
    over = "larger than 512 KiB"
    assert over in wrong(fits + b"  ")
    assert over in wrong("字" * (MAX_EVENT_BYTES // 3 + 1))


def test_the_largest_event_that_an_agency_may_send_is_read() -> None:
    raw = cloud_event("policy.published", policy(body="字" * 170_000))
    assert len(raw) < MAX_EVENT_BYTES
    assert parse_event(raw).policy_id == "P-1"


# -- anything --------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from(sorted(PolicyData.model_fields)), value=JSON)
def test_whatever_stands_in_a_field_is_read_or_refused(field: str, value: Any) -> None:
    envelope = {"specversion": "1.0", "id": "e", "source": "/s", "type": "policy.published"}
    raw = json.dumps(envelope | {"data": policy() | {field: value}})
    read: Event | EventError
    try:
        read = parse_event(raw)
    except EventError as exc:
        read = exc
    assert read.wrong if isinstance(read, EventError) else read.source == "/s"


def test_given_labels_are_those_stated_with_theme_and_kind_each_once() -> None:
    read = data(labels=["theme:T07", "industry:I65"], theme="T07", kind="call")
    assert read.given_labels() == ["theme:T07", "industry:I65", "kind:call"]
