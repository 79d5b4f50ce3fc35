"""Which policy must be interpreted, and what is no more than a copy."""

import pytest

from streams.explanations.rules import COPIED, copied_share, is_normative, must_be_interpreted

PLAIN = "各有关单位：现组织开展申报工作，请于月底前报送材料。"
BODY = (
    "第一条 为支持本市软件和信息技术服务业高质量发展，制定本办法。\n"
    "第二条 对首次通过认定的高新技术企业，给予一次性奖励二十万元，由市级财政承担。\n"
    "第三条 申报企业应当在本市登记注册，依法纳税，近三年无重大违法失信记录。\n"
)


@pytest.mark.parametrize("kind", ["measure", "law"])
def test_measures_and_regulations_must_be_interpreted(kind: str) -> None:
    assert must_be_interpreted(kind, None, PLAIN)


@pytest.mark.parametrize("kind", ["call", "guide", "notice", "event", None])
def test_other_papers_need_not(kind: str | None) -> None:
    assert not must_be_interpreted(kind, "示经信〔2026〕1号", PLAIN)


@pytest.mark.parametrize(
    "number", ["示经信规〔2026〕1号", "示府规字〔2026〕3号", "示规[2026]2号", "示经信规（2026）1号"]
)
def test_a_normative_document_is_known_by_its_number(number: str) -> None:
    assert must_be_interpreted("call", number, PLAIN)


@pytest.mark.parametrize("number", ["示规划〔2026〕1号", "规模办〔2026〕1号", None, ""])
def test_the_character_alone_is_not_the_mark(number: str | None) -> None:
    assert not is_normative(number, PLAIN)


def test_a_normative_document_is_known_by_calling_itself_one() -> None:
    assert must_be_interpreted("notice", None, PLAIN + "\n行政规范性文件编号：示2026-007")
    assert must_be_interpreted("notice", None, "本规范性文件自印发之日起施行。")


def test_a_mention_of_other_normative_documents_is_no_mark() -> None:
    assert not is_normative(None, "此前印发的规范性文件与本通知不一致的，以本通知为准。")


@pytest.mark.parametrize("kind", ["interpretation", "consultation"])
def test_what_explains_itself_and_what_is_only_a_draft_need_none(kind: str) -> None:
    assert not must_be_interpreted(kind, "示经信规〔2026〕1号", "本规范性文件")


def test_a_whole_copy_is_a_copy_however_its_lines_are_broken() -> None:
    assert copied_share(BODY.replace("，", "，\n  "), BODY) == 1.0
    assert copied_share(BODY, BODY) >= COPIED


def test_own_words_are_no_copy() -> None:
    text = (
        "这份文件解决什么问题？它让第一次被认定为高企的公司拿到钱：去市工信局网站填表即可，不需要纸质材料。"
    )
    assert copied_share(text, BODY) < 0.1
    assert copied_share(text, BODY) < COPIED


def test_a_quoted_clause_in_an_explanation_is_no_copy_but_a_frame_around_the_text_is_one() -> None:
    clause = BODY.splitlines()[1]
    explained = "新旧政策有何不同？此前分两年拨付，现在一次付清，企业资金压力小得多；此前由区级承担。"
    assert (
        copied_share(clause + explained + "附：企业应先在系统登记，再由区里核验，全程网上办理。", BODY)
        < COPIED
    )
    assert copied_share("政策解读\n" + BODY, BODY) >= COPIED


@pytest.mark.parametrize("text", ["", "很短", "   \n"])
def test_a_text_too_short_to_judge_is_no_copy(text: str) -> None:
    assert copied_share(text, BODY) == 0.0


def test_the_longest_text_and_body_are_compared_in_a_moment() -> None:
    body = "".join(chr(0x4E00 + n % 20_000) for n in range(0, 400_000 * 7, 7))
    assert copied_share(body[:200_000], body) == 1.0
