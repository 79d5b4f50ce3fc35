"""What a reminder, a notice of effect and a notice of expiry say."""

from collections.abc import Callable

import pytest

from channels.message import Message, Occasion
from channels.writing.render import headline, mail_pieces, mail_slots, sms_text, space_text
from tests.servers.messages import content, message


def text_of(whole: Message) -> str:
    return mail_pieces(whole.content, "txt").fill(mail_slots(whole, "txt"))


def html_of(whole: Message) -> str:
    return mail_pieces(whole.content, "html").fill(mail_slots(whole, "html"))


def short(whole: Message) -> str:
    return sms_text(whole)


RENDERS = [text_of, html_of, space_text, short]


@pytest.mark.parametrize("render", RENDERS)
@pytest.mark.parametrize(
    ("left", "says"), [(3, "距申报截止还有3个工作日"), (0, "申报即将截止"), (None, "申报即将截止")]
)
def test_a_reminder_says_what_is_left_and_until_when(
    render: Callable[[Message], str], left: int | None, says: str
) -> None:
    shown = render(message(content=content(occasion=Occasion.REMINDER, days_left=left)))
    assert says in shown.replace(" ", "")
    assert "2026年9月30日截止" in shown


@pytest.mark.parametrize("render", RENDERS)
def test_a_notice_of_effect_names_the_day(render: Callable[[Message], str]) -> None:
    assert "自2026年7月1日起施行" in render(message(content=content(occasion=Occasion.EFFECTIVE)))


@pytest.mark.parametrize("render", RENDERS)
def test_a_notice_of_expiry_names_the_day_and_offers_no_application(render: Callable[[Message], str]) -> None:
    shown = render(message(content=content(occasion=Occasion.EXPIRY)))
    assert "有效期已于2029年6月30日届满" in shown
    assert "申报" not in shown
    assert "apply.example.cn" not in shown


@pytest.mark.parametrize(
    ("occasion", "mark"),
    [
        (Occasion.REMINDER, "【申报提醒】"),
        (Occasion.EFFECTIVE, "【施行】"),
        (Occasion.EXPIRY, "【有效期届满】"),
    ],
)
def test_the_headline_says_which_it_is(occasion: Occasion, mark: str) -> None:
    assert headline(content(occasion=occasion)).startswith(mark)
