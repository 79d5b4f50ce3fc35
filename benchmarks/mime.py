"""How fast mails are built on one core: our skeleton against the standard library's EmailMessage, in one run.

Both build the same personalised Chinese multipart mail from the same rendered texts. Prints a table and writes JSON.
Run it with ``python benchmarks/mime.py [--seconds 3] [--json benchmarks/results/mime.json]``.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

# `benchmarks/channels.py` is no room of the house.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from channels.email.mime import mail
from channels.message import Content, Evidence, Message, Occasion, Reason
from channels.writing.render import headline, mail_pieces, mail_slots

SENDER = "政达政策推送 <push@policy.example.gov.cn>"
POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
CONTENT = Content(
    content_id="bench",
    occasion=Occasion.POLICY,
    agency_id="bench",
    policy_id="p-1",
    revision=1,
    issuer="云山市工业和信息化局",
    title="关于印发云山市支持专精特新中小企业高质量发展若干措施的通知",
    document_number="云工信规〔2026〕12号",
    summary="对首次认定的专精特新企业给予一次性奖励；对技术改造项目按设备投资额给予补助。" * 6,
    url="https://policy.example.gov.cn/p/p-1",
    apply_opens=date(2026, 7, 1),
    apply_closes=date(2026, 9, 30),
    effective_date=date(2026, 7, 1),
    valid_until=date(2029, 6, 30),
    contact="020-00000000",
)
EVIDENCE = (Evidence("industry", "I65", "软件和信息技术服务业", "支持软件和信息技术服务企业"),)


@dataclass(frozen=True)
class Speed:
    """Mails per second of processor time, and the size of one."""

    way: str
    per_second: float
    bytes_per_mail: int


def message(number: int) -> Message:
    """Return the message to the enterprise of this number; every subscription has a name of its own."""
    return Message(
        delivery_id=f"00000000-0000-0000-0000-{number:012d}",
        subscriber_id=f"ent-{number}",
        recipient=f"云山市第{number}号科技有限公司",
        address=f"user{number}@example.cn",
        content=CONTENT,
        reasons=(Reason(f"s-{number}", f"我的第{number}项订阅", EVIDENCE), Reason(None, "", EVIDENCE)),
        unsubscribe_url=f"https://push.example.gov.cn/unsubscribe/{number:064x}",
        occurrence="policy",
        at=datetime(2026, 6, 30, 1, tzinfo=UTC),
    )


def by_skeleton(whole: Message) -> bytes:
    return mail(whole, whole.address, SENDER)


def by_email_message(whole: Message) -> bytes:
    user, _, domain = whole.address.partition("@")
    mail = EmailMessage(policy=POLICY)
    mail["Message-ID"] = f"<{whole.delivery_id}@policy.example.gov.cn>"
    mail["Date"] = format_datetime(whole.at)
    mail["To"] = Address(whole.recipient, user, domain)
    mail["List-Unsubscribe"] = f"<{whole.unsubscribe_url}>"
    mail["From"] = Address("政达政策推送", "push", "policy.example.gov.cn")
    mail["Subject"] = headline(whole.content)
    mail["List-Id"] = "<policies.policy.example.gov.cn>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(mail_pieces(whole.content, "txt").fill(mail_slots(whole, "txt")), cte="base64")
    html = mail_pieces(whole.content, "html").fill(mail_slots(whole, "html"))
    mail.add_alternative(html, subtype="html", cte="base64")
    return mail.as_bytes()


def measure(way: str, build: Callable[[Message], bytes], seconds: float) -> Speed:
    """Build mails to ever new recipients for ``seconds`` of processor time."""
    size = len(build(message(0)))
    built, spent = 0, 0.0
    while spent < seconds:
        batch = [message(n) for n in range(built, built + 100)]
        start = time.process_time()
        for whole in batch:
            build(whole)
        spent += time.process_time() - start
        built += len(batch)
    return Speed(way, round(built / spent, 1), size)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--seconds", type=float, default=3.0)
    arguments.add_argument("--json", type=Path, default=Path("benchmarks/results/mime.json"))
    given = arguments.parse_args()
    speeds = [
        measure("skeleton", by_skeleton, given.seconds),
        measure("EmailMessage", by_email_message, given.seconds),
    ]
    ratio = round(speeds[0].per_second / speeds[1].per_second, 1)
    print(f"{'way':<14}{'mails/s':>10}{'bytes':>8}")
    for speed in speeds:
        print(f"{speed.way:<14}{speed.per_second:>10.0f}{speed.bytes_per_mail:>8}")
    print(f"ratio {ratio}")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(
        json.dumps({"speeds": [asdict(s) for s in speeds], "ratio": ratio}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
