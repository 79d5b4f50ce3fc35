"""A long text is read in stretches, and says the same as if it were read at once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.demo.policies import demo_policies
from streams.labelling import label_document, windows


@given(st.text(alphabet="企业补贴，。\n", max_size=60), st.integers(1, 20))
def test_the_stretches_make_up_the_text_and_end_with_sentences(text: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(windows, "MOST", most)
        parts = windows.windows(text)
    assert "".join(text[part] for part in parts) == text
    for part in parts[:-1]:
        assert 0 < part.stop - part.start <= most
        whole = text[part.stop - 1] in "。\n"
        assert whole or not set(text[part]) & set("。\n"), "only an endless sentence is cut"


def test_a_text_read_in_stretches_has_the_labels_it_has_when_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "\n".join(policy["body"] for policy in demo_policies(date(2026, 3, 1)))
    at_once = label_document(title="关于印发若干措施的通知", body=body, issuer="")
    assert len(at_once) > 20
    for most in (150, 1000, 3000):
        monkeypatch.setattr(windows, "MOST", most)
        assert label_document(title="关于印发若干措施的通知", body=body, issuer="") == at_once
