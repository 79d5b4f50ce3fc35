"""The day on which a window closes, for the recipient's own calendar: one event with a reminder (RFC 5545). Pure.

The event has the same UID in every mail about the policy, and the policy's revision as its SEQUENCE: a deadline that
moved moves in the calendars, too.
"""

from datetime import date, datetime, time, timedelta
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from channels.message import Content, Occasion
from channels.writing.render import link, one_line
from config.clock import SHANGHAI

TELLING = frozenset({Occasion.POLICY, Occasion.AMENDMENT, Occasion.REMINDER, Occasion.RELAY})
REMINDER = timedelta(
    days=-2, hours=-15
)  # nine in the morning, three days before a day that begins at midnight
FILE_NAME = "申报截止.ics"
HEADERS = (
    ("Content-Type", 'text/calendar; charset="utf-8"; method=PUBLISH; name="deadline.ics"'),
    ("Content-Transfer-Encoding", "base64"),
    # By RFC 2231; who cannot read that finds the other name above.
    ("Content-Disposition", f"attachment;\r\n filename*=UTF-8''{quote(FILE_NAME)}"),
)


def deadline(content: Content, sender: tuple[str, str], day: date) -> bytes | None:
    """Return an iCalendar file, UTF-8 with CRLF; None where there is no deadline to keep.

    Args:
        content: what the mail is about.
        sender: name and address of who publishes it.
        day: on which the mail goes, in Asia/Shanghai; from its beginning on the file counts.
    """
    closes = content.apply_closes
    if closes is None or closes < day or content.occasion not in TELLING:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//zhengda//deadline//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(content, closes, sender, day))
    return bytes(calendar.to_ical())


def _event(content: Content, closes: date, sender: tuple[str, str], day: date) -> Event:
    name, address = sender
    title = f"申报截止：{one_line(content.title)}"
    event = Event()
    event.add("uid", f"{_uid(content)}@{address.rpartition('@')[2]}")
    event.add("sequence", content.revision)
    event.add("dtstamp", datetime.combine(day, time(), SHANGHAI))
    event.add("dtstart", closes)
    event.add("dtend", closes + timedelta(days=1))
    event.add("summary", title)
    event.add("description", _description(content))
    if link(content.url):
        event.add("url", content.url)
    event.add("transp", "TRANSPARENT")
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(one_line(name).replace('"', "") or address)
    event["organizer"] = organizer
    event.add_component(_alarm(title))
    return event


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", REMINDER)
    return alarm


def _description(content: Content) -> str:
    lines = [f"发布机构：{one_line(content.issuer)}"]
    if content.document_number:
        lines.append(f"发文字号：{one_line(content.document_number)}")
    if link(content.apply_url):
        lines.append(f"申报入口：{content.apply_url}")
    return "\n".join(lines)


def _uid(content: Content) -> str:
    # Ids may hold what a UID may not; 128 bits of them will do.
    return str(uuid5(NAMESPACE_URL, f"{content.agency_id}|{content.policy_id}|deadline"))
