"""A digest: several items in one message, each with its own facts and its own reason."""

from dataclasses import replace

import pytest

from channels.message import Entry, Message, Occasion
from channels.writing.render import headline, mail_pieces, mail_slots, sms_text
from tests.servers.messages import EXPLICIT, PROFILE, content, message

FIRST = Entry(content(title="甲政策"), (EXPLICIT,))
SECOND = Entry(content(title="乙政策", occasion=Occasion.AMENDMENT, change_note="申报期延长"), (PROFILE,))


def digest(*entries: Entry) -> Message:
    gathered = content(
        occasion=Occasion.DIGEST,
        title="3月3日政策汇总：《甲政策》等2项",
        issuer="",
        document_number=None,
        summary="",
        url="https://push.example.cn/my",
        entries=entries or (FIRST, SECOND),
    )
    return message(content=gathered, reasons=(replace(EXPLICIT, evidence=()),))


def text_of(whole: Message) -> str:
    return mail_pieces(whole.content, "txt").fill(mail_slots(whole, "txt"))


def html_of(whole: Message) -> str:
    return mail_pieces(whole.content, "html").fill(mail_slots(whole, "html"))


@pytest.mark.parametrize("render", [text_of, html_of])
def test_each_item_says_what_it_is_and_why_it_came(render) -> None:  # type: ignore[no-untyped-def]
    shown = render(digest())
    first, second = shown.split("2. ", 1)
    for part in ("1. 甲政策", "云工信规〔2026〕12号", "2026年7月1日至2026年9月30日"):
        assert part in first
    assert "因为您订阅了“软件业扶持”：软件和信息技术服务业，原文：“支持软件和信息技术服务企业”" in first
    assert second.startswith("【修订】乙政策")
    for part in (
        "申报期延长",
        "2029年6月30日",
        "https://policy.example.cn/p/p-1",
        "https://apply.example.cn/",
    ):
        assert part in second
    assert "因为贵单位的登记信息与本政策相符：小型企业" in second
    assert "https://push.example.cn/unsubscribe/secret-token-1" in second
    assert "None" not in shown


@pytest.mark.parametrize("render", [text_of, html_of])
def test_an_interpretation_and_a_relay_bring_their_words_in_short(render) -> None:  # type: ignore[no-untyped-def]
    explained = Entry(content(occasion=Occasion.INTERPRETATION, text="解" * 400), (EXPLICIT,))
    relayed = Entry(content(occasion=Occasion.RELAY, note="会员企业请留意"), (EXPLICIT,))
    shown = render(digest(explained, relayed))
    assert "解" * 159 + "…" in shown
    assert "解" * 160 not in shown
    assert "会员企业请留意" in shown


def test_the_subject_names_the_day_and_how_many() -> None:
    assert headline(digest().content) == "3月3日政策汇总：《甲政策》等2项"


def test_nothing_in_an_item_becomes_markup_or_a_dangerous_link() -> None:
    bad = Entry(
        content(title="<script>x</script>", url="javascript:alert(1)", change_note="<b>", note="<i>"),
        (replace(EXPLICIT, subscription="<u>我的</u>"),),
    )
    shown = html_of(digest(bad))
    for part in ("<script>", "javascript:", "<b>", "<i>", "<u>"):
        assert part not in shown
    assert "&lt;script&gt;" in shown


def test_a_text_message_counts_and_leads_to_the_subscriber_s_own_page() -> None:
    shown = sms_text(digest(), "云山政策")
    assert shown.startswith("【云山政策】为您汇总2项政策信息：甲政策等，详见 https://push.example.cn/my ")
    assert "因您订阅了“软件业扶持”" in shown
    assert shown.endswith("退订回T")


def test_a_long_title_leaves_a_text_message_short() -> None:
    shown = sms_text(digest(Entry(content(title="关于" + "支持" * 100), (EXPLICIT,))))
    assert len(shown) <= 134  # two parts of 67


@pytest.mark.parametrize("render", [text_of, html_of])
def test_a_reminder_says_how_many_working_days_are_left(render) -> None:  # type: ignore[no-untyped-def]
    soon = Entry(content(occasion=Occasion.REMINDER, days_left=3), (EXPLICIT,))
    shown = render(digest(soon))
    assert "【申报提醒】" in shown
    assert "3 个工作日" in shown
    assert "个工作日" not in render(digest())
