"""How long a text message is: against the limits of the standard, and against a splitter written another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.segments import GSM7, GSM7_TWO, segments


@pytest.mark.parametrize(
    ("text", "alphabet", "parts", "billed"),
    [
        ("", "gsm7", 1, 1),
        ("a" * 160, "gsm7", 1, 3),
        ("a" * 161, "gsm7", 2, 3),
        ("a" * 306, "gsm7", 2, 5),
        ("a" * 307, "gsm7", 3, 5),
        ("€" * 80, "gsm7", 1, 2),
        ("€" * 81, "gsm7", 2, 2),
        ("政" * 70, "ucs2", 1, 1),
        ("政" * 71, "ucs2", 2, 2),
        ("政" * 134, "ucs2", 2, 2),
        ("政" * 135, "ucs2", 3, 3),
        ("a" * 70 + "政", "ucs2", 2, 2),
        ("😀" * 35, "ucs2", 1, 1),
        ("😀" * 36, "ucs2", 2, 2),
        ("😀" * 66, "ucs2", 2, 2),
        ("😀" * 67, "ucs2", 3, 3),  # 33 fit a part: one more would be torn apart
    ],
)
def test_a_text_has_the_parts_that_the_standard_gives_it(
    text: str, alphabet: str, parts: int, billed: int
) -> None:
    length = segments(text)
    assert (length.alphabet, length.parts, length.billed) == (alphabet, parts, billed)


def test_the_signature_and_the_way_out_count() -> None:
    body = "政" * 70
    assert segments(body).parts == 1
    assert segments(f"【政达】{body}退订回T").parts == 2


def cut(text: str) -> int:
    """Parts of a wide text, by cutting its bytes."""
    raw = text.encode("utf-16-be", "surrogatepass")
    if len(raw) <= 140:
        return 1
    parts = 0
    while raw:
        end = min(134, len(raw))
        if end < len(raw) and 0xD8 <= raw[end - 2] <= 0xDB:
            end -= 2
        raw, parts = raw[end:], parts + 1
    return parts


@given(st.text(alphabet=st.sampled_from("政策a€😀𠮷"), max_size=400))
def test_bytes_cut_another_way_give_the_same_parts(text: str) -> None:
    length = segments(text)
    narrow = all(char in GSM7 | GSM7_TWO for char in text)
    assert length.billed == cut(text)
    assert length.alphabet == ("gsm7" if narrow else "ucs2")
    assert narrow or length.parts == cut(text)
