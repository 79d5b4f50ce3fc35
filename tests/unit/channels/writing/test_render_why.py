"""Why a message came: rendered once for many recipients, and for each as if it had been rendered for him alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.message import Evidence, Reason
from channels.writing.office import OfficeTemplate
from channels.writing.render import _template, mail_slots, use_office
from tests.servers.messages import message

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
EVIDENCE = st.builds(
    Evidence, st.just("industry"), st.just("I65"), TEXT, st.sampled_from(["", "原文一", "<原文>&"])
)
REASONS = st.lists(
    st.one_of(
        st.builds(Reason, st.just("s-1"), TEXT, st.tuples(EVIDENCE)),
        st.builds(Reason, st.none(), st.just(""), st.tuples(EVIDENCE)),
        st.builds(Reason, st.just("named"), TEXT, st.just(()), st.just(True)),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@pytest.fixture
def _shipped_again() -> Iterator[None]:
    yield
    use_office({})


@given(reasons=REASONS)
@settings(max_examples=200, deadline=None)
def test_reasons_read_as_if_each_recipient_had_been_rendered_alone(reasons: tuple[Reason, ...]) -> None:
    for form in ("txt", "html"):
        alone = _template(f"email/why.{form}.jinja").render(reasons=reasons).strip()
        assert mail_slots(message(reasons=reasons), form)["why"].strip() == alone


@pytest.mark.usefixtures("_shipped_again")
@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ reasons[0].subscription | short(6) }}", "名字有七个…"),
        ("{{ reasons[0].subscription }}{{ reasons[0].subscription | length }}", "名字有七个字哦7"),
        ("{% if reasons[0].subscription == '名字有七个字哦' %}是{% else %}否{% endif %}", "是"),
        ("{{ reasons[0].subscription }}、{{ reasons[0].subscription }}", "名字有七个字哦、名字有七个字哦"),
        (
            "{% if reasons[0].subscription == '名字有七个字哦' %}特别{% endif %}{{ reasons[0].subscription }}",
            "特别名字有七个字哦",
        ),
        ("与您有关", "与您有关"),
    ],
)
def test_an_offices_own_words_may_do_anything_with_a_name(template: str, shown: str) -> None:
    use_office({"email/why.txt.jinja": OfficeTemplate("email/why.txt.jinja", Path("why"), template)})
    reason = Reason("s-1", "名字有七个字哦", ())
    assert mail_slots(message(reasons=(reason,)), "txt")["why"] == shown
    other = Reason("s-2", "短", ())
    assert mail_slots(message(reasons=(other,)), "txt")["why"] == _template("email/why.txt.jinja").render(
        reasons=[other]
    )
