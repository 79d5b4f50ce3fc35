import random

from channels.sms.gateways.smpp.alphabets import GSM7, decoded
from channels.sms.gateways.smpp.delivered import Piece
from channels.sms.gateways.smpp.joining import MOST_KEPT, Joining, Written

ANNA, BEN = "+8613800138000", "+8613900139000"


def pieces(text: str, number: str = ANNA, reference: int = 7) -> list[Piece]:
    data = text.encode("utf-16-be")
    cut = [data[at : at + 10] for at in range(0, len(data), 10)]
    return [Piece(number, one, 8, reference, len(cut), place) for place, one in enumerate(cut, 1)]


def test_a_short_text_waits_for_nothing():
    joining = Joining()
    assert joining.add(Piece(ANNA, b"TD", 0), 0.0) == Written(None, ANNA, "TD")
    assert joining.rest() == []


def test_parts_in_any_order_make_the_text():
    joining, parts = Joining(), pieces("政策推送很有用😀谢谢")
    random.Random(3).shuffle(parts)
    found = [joining.add(one, 0.0) for one in parts]
    assert found[:-1] == [None] * (len(parts) - 1)
    assert found[-1] is not None
    assert found[-1].text == "政策推送很有用😀谢谢"


def test_texts_of_several_people_are_kept_apart():
    joining = Joining()
    annas, bens = pieces("从安娜来的话"), pieces("从本恩来的话", BEN)
    assert joining.add(annas[0], 0.0) is None
    assert joining.add(bens[1], 0.0) is None
    written = joining.add(annas[1], 0.0)
    assert written is not None
    assert written.text == "从安娜来的话"


def test_a_text_that_could_not_be_kept_is_completed_again_by_its_last_part():
    joining, (first, second) = Joining(), pieces("请把我退订了")
    joining.add(first, 0.0)
    again = joining.add(second, 0.0), joining.add(second, 1.0)
    assert again[0] == again[1] is not None
    joining.forget(again[1])
    assert joining.rest() == []


def test_a_part_that_never_comes_is_waited_for_a_while():
    joining, parts = Joining(patience_s=60.0), pieces("这封短信丢了一半还是有用的")
    for one in parts[1:]:
        joining.add(one, 100.0)
    assert joining.overdue(159.0) == []
    (late,) = joining.overdue(160.0)
    assert late.text == "这封短信丢了一半还是有用的"[5:]
    joining.forget(late)
    assert joining.overdue(999.0) == []


def test_more_than_can_be_kept_goes_as_it_is():
    joining = Joining()
    for reference in range(MOST_KEPT + 2):
        joining.add(pieces("一封永远不完的短信", reference=reference)[0], 0.0)
    assert [one.key[1] for one in joining.overdue(0.0) if one.key] == [0, 1]


def test_the_default_alphabet_is_read():
    assert decoded(b"\x00\x1b\x65 TD", 0) == "@€ TD"
    assert decoded(bytes(range(128)), 0) == GSM7[:27] + GSM7[28:]


def test_what_does_not_fit_into_seven_bits_is_read_as_what_it_may_be():
    assert decoded("退订".encode(), 0) == "退订"
    assert decoded("退订".encode("gb18030"), 0) == "退订"
    assert decoded(b"\xe9", 0, "latin1") == "é"


def test_codings_are_kept_to():
    assert decoded(b"abc", 1) == "abc"
    assert decoded(b"\xe9", 3) == "é"
    assert decoded("退订".encode("utf-16-be"), 8) == "退订"
    assert decoded("退订".encode("gb18030"), 15) == "退订"
    assert decoded(b"\x90", 8) == "�"
