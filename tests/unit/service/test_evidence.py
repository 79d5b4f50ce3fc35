"""Marking the words that prove a label: nothing of the text is lost, whatever overlaps."""

from hypothesis import given
from hypothesis import strategies as st

from service.pages.evidence import Piece, marked
from streams.labelling import Label


def label(start: int, end: int, quote: str = "x") -> Label:
    return Label("industry", "I65", start, end, quote, "body:x", 1.0, "rule")


def test_the_proof_is_a_piece_of_its_own() -> None:
    assert marked("支持软件产业", [label(2, 4)]) == [
        [Piece("支持"), Piece("软件", (0,), (0,)), Piece("产业")]
    ]


def test_overlapping_proofs_are_parted() -> None:
    pieces = marked("abcdef", [label(0, 4), label(2, 6)])[0]
    assert [(piece.text, piece.proves) for piece in pieces] == [("ab", (0,)), ("cd", (0, 1)), ("ef", (1,))]


def test_a_proof_over_two_paragraphs_begins_once() -> None:
    first, second = marked("ab\ncd", [label(1, 5)])
    assert first[-1] == Piece("b", (0,), (0,))
    assert second == [Piece("cd", (0,), ())]


def test_a_label_without_words_in_the_text_marks_nothing() -> None:
    assert marked("ab", [label(0, 0, ""), label(5, 9), label(-1, 1)]) == [[Piece("ab")]]


TEXT = st.text(alphabet="ab \n\r\u2028中", max_size=60)


@given(TEXT, st.lists(st.tuples(st.integers(-2, 70), st.integers(-2, 70)), max_size=8))
def test_the_pieces_are_the_text_without_its_empty_lines(body: str, spans: list[tuple[int, int]]) -> None:
    paragraphs = marked(body, [label(start, end) for start, end in spans])
    joined = ["".join(piece.text for piece in paragraph) for paragraph in paragraphs]
    assert joined == [line.rstrip() for line in body.splitlines() if line.strip()]
