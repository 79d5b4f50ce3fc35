from dataclasses import replace

import pytest

from channels.message import NOTICES, Evidence, Message, Occasion, Reason
from channels.sms.segments import segments
from channels.writing.render import SLOTS, headline, link, mail_pieces, mail_slots, sms_text, space_text
from tests.servers.messages import CONTENT, EXPLICIT, PROFILE, content, message

PUSHES = sorted(set(Occasion) - NOTICES - {Occasion.DIGEST})  # a digest has tests of its own

LINK = "https://push.example.cn/join/confirm/secret&1"


def text_of(whole: Message) -> str:
    return mail_pieces(whole.content, "txt").fill(mail_slots(whole, "txt"))


def html_of(whole: Message) -> str:
    return mail_pieces(whole.content, "html").fill(mail_slots(whole, "html"))


@pytest.mark.parametrize("occasion", PUSHES)
@pytest.mark.parametrize("render", [text_of, html_of, space_text])
def test_every_message_says_what_it_is_why_it_came_and_how_to_leave(occasion: Occasion, render) -> None:  # type: ignore[no-untyped-def]
    shown = render(message(content=content(occasion=occasion, text="解读正文")))
    for part in (
        CONTENT.title,
        "云工信规〔2026〕12号",
        "2026年7月1日",
        "2029年6月30日",
        "https://policy.example.cn/p/p-1",
        "因为您订阅了“软件业扶持”",
        "原文：“支持软件和信息技术服务企业”",
        "因为贵单位的登记信息与本政策相符",
        "https://push.example.cn/unsubscribe/secret-token-1",
    ):
        assert part in shown
    if occasion is Occasion.INTERPRETATION:
        assert "解读正文" in shown


@pytest.mark.parametrize("render", [text_of, html_of])
def test_a_mail_shows_issuer_window_and_where_to_apply(render) -> None:  # type: ignore[no-untyped-def]
    shown = render(message())
    for part in (
        "云山市工业和信息化局",
        "2026年7月1日至2026年9月30日",
        "https://apply.example.cn/?matter=1&",
    ):
        assert part in shown


@pytest.mark.parametrize("render", [text_of, html_of])
def test_a_repealed_policy_offers_no_application(render) -> None:  # type: ignore[no-untyped-def]
    shown = render(message(content=content(occasion=Occasion.REPEAL, change_note="由新办法替代")))
    assert "已经废止" in shown
    assert "由新办法替代" in shown
    assert "申报" not in shown


@pytest.mark.parametrize(
    ("opens", "closes", "shown"),
    [(True, False, "2026年7月1日起"), (False, True, "截至2026年9月30日")],
)
def test_half_an_application_window_is_shown_as_half(opens: bool, closes: bool, shown: str) -> None:
    half = content(
        apply_opens=CONTENT.apply_opens if opens else None,
        apply_closes=CONTENT.apply_closes if closes else None,
    )
    assert f"申报期：{shown}" in text_of(message(content=half))


def test_what_is_unknown_leaves_no_empty_line_behind() -> None:
    bare = content(
        document_number=None,
        apply_opens=None,
        apply_closes=None,
        apply_url=None,
        effective_date=None,
        valid_until=None,
        contact=None,
    )
    for shown in (text_of(message(content=bare)), html_of(message(content=bare))):
        for label in ("发文字号", "申报", "施行日期", "有效期", "咨询", "None"):
            assert label not in shown


@pytest.mark.parametrize(
    ("occasion", "mark"),
    [
        (Occasion.POLICY, ""),
        (Occasion.AMENDMENT, "【修订】"),
        (Occasion.REPEAL, "【废止】"),
        (Occasion.INTERPRETATION, "【解读】"),
    ],
)
def test_the_headline_marks_what_is_not_a_first_push(occasion: Occasion, mark: str) -> None:
    assert headline(content(occasion=occasion)) == f"{mark}{CONTENT.title}"


@pytest.mark.parametrize("occasion", PUSHES)
def test_a_text_message_is_signed_short_and_says_how_to_leave(occasion: Occasion) -> None:
    long = content(occasion=occasion, title="关于" + "支持" * 100 + "的通知", change_note="改" * 200)
    shown = sms_text(message(content=long), "云山政策")
    assert shown.startswith("【云山政策】")
    assert shown.endswith("退订回T")
    assert "因您订阅了“软件业扶持”" in shown
    assert "\n" not in shown
    assert len(shown) <= 201  # three parts of 67


def test_a_text_message_for_a_profile_match_says_so() -> None:
    assert "因登记信息与政策相符" in sms_text(message(reasons=(PROFILE,)))


def test_a_text_message_that_matched_twice_counts_the_subscriptions() -> None:
    two = (EXPLICIT, replace(EXPLICIT, subscription_id="s-2", subscription="技术改造"))
    assert "因您订阅了“软件业扶持”等2项" in sms_text(message(reasons=two))


def test_html_shows_markup_in_a_title_name_or_reason_as_text() -> None:
    evil = "<script>alert(1)</script>\"'"
    shown = html_of(
        message(
            recipient=evil,
            content=content(title=evil, issuer=evil, summary=evil, contact=evil),
            reasons=(replace(EXPLICIT, subscription=evil),),
            unsubscribe_url='https://push.example.cn/"><script>',
        )
    )
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_a_template_expression_in_a_title_is_only_text() -> None:
    shown = text_of(message(content=content(title="{{ 7 * 7 }}{% raw %}")))
    assert "{{ 7 * 7 }}{% raw %}" in shown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"b', "", None, "//x"]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert link(url) == ""
    assert "href" not in html_of(
        message(content=content(url=url or "", apply_url=url), unsubscribe_url="x")
    ).replace('href="x"', "")


def test_a_summary_that_imitates_a_gap_is_not_filled() -> None:
    shown = mail_pieces(content(summary="recipient why leave {{ slots.why }}"), "txt")
    assert sorted(shown.parts[1::2]) == sorted(set(SLOTS) - {"secret"})


def test_line_ends_in_a_title_cannot_make_lines_of_their_own() -> None:
    assert headline(content(title="第一\r\nBcc: x@example.cn\u2028第二")) == "第一 Bcc: x@example.cn 第二"


@pytest.mark.parametrize("occasion", sorted(NOTICES))
def test_a_notice_shows_its_link_and_offers_nothing_to_leave(occasion: Occasion) -> None:
    whole = message(content=content(occasion=occasion), secret=LINK, unsubscribe_url="", reasons=())
    assert LINK in text_of(whole)
    assert f'href="{LINK.replace("&", "&amp;")}"' in html_of(whole)
    for shown in (text_of(whole), html_of(whole)):
        assert "退订</a>" not in shown
        assert "不想再收到" not in shown


def test_a_request_to_confirm_repeats_no_name_that_a_stranger_gave() -> None:
    whole = message(
        content=content(occasion=Occasion.CONFIRM), recipient="点击 https://evil.example 领奖", secret=LINK
    )
    assert "evil" not in text_of(whole)
    assert "evil" not in html_of(whole)


@pytest.mark.parametrize("occasion", sorted(NOTICES - {Occasion.INVITE}))
def test_a_code_stands_in_a_short_signed_text_message(occasion: Occasion) -> None:
    shown = sms_text(message(content=content(occasion=occasion), secret="042137"), "云山政策")
    assert shown.startswith("【云山政策】")
    assert "042137" in shown
    assert len(shown) <= 70


def test_an_invitation_says_where_to_answer_and_takes_two_parts() -> None:
    shown = sms_text(
        message(
            content=content(occasion=Occasion.INVITE, url="https://policy.example.gov.cn"), secret="042137"
        ),
        "云山政策",
    )
    assert "https://policy.example.gov.cn/join/code 填写验证码 042137" in shown
    assert segments(shown).parts == 2


@pytest.mark.parametrize("render", [text_of, html_of])
def test_a_sentence_that_proves_several_labels_is_quoted_once(render) -> None:  # type: ignore[no-untyped-def]
    sentence = "对首次认定的高新技术企业给予一次性奖励"
    given = (
        Evidence("instrument", "award", "奖励", sentence),
        Evidence("region", "310000", "上海市"),
        Evidence("qualification", "high-tech", "高新技术企业", sentence),
        Evidence("theme", "T07", "工业"),
    )
    shown = render(message(reasons=(Reason("s-1", "软件业扶持", given),)))
    assert f"因为您订阅了“软件业扶持”：奖励，高新技术企业，原文：“{sentence}”；上海市；工业" in shown
    assert shown.count(sentence) == 1
