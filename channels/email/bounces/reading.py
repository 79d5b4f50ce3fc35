"""A message that came back, read: what a machine said counts before what people are told, and rules before guesses.

First feedback reports and delivery status, then notices without them. What shows no sign of a bounce is an answer of a
machine, or nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from channels.email.bounces.bounce import Bounce, Word
from channels.email.bounces.dsn import (
    Recipient,
    feedback_of,
    recipients_of,
    reporting_hosts,
    returned_fields,
    returned_id,
)
from channels.email.bounces.mime import Mail, first, mail_of
from channels.email.bounces.rules import Rule, Rules
from channels.email.bounces.safe import local_parts, safe
from channels.email.bounces.telling import says, texts_of, told
from channels.email.bounces.words import plain

ADDRESS_CHARS = 320
COMPLAINTS = ("abuse", "fraud", "virus", "other", "opt-out", "")  # of RFC 5965, and what some providers add
ARRIVED = ("delivered", "relayed", "expanded")
READ = "disposition-notification"  # of RFC 8098
AUTO_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress")
AUTO_PRECEDENCE = ("auto_reply", "auto-reply")


def read_bounce(raw: bytes, rules: Rules) -> Bounce:
    """Return what a message says; nothing is raised, and the work is in proportion to its length.

    Args:
        raw: the message, as the receiver took it.
        rules: the table.
    """
    mail = mail_of(raw)
    texts = texts_of(mail)
    found = (
        _feedback(mail) or _status(mail, texts, rules) or _notice(mail, texts, rules) or _answer(mail, rules)
    )
    path = first(feedback_of(mail) or {}, "original-mail-from") or first(returned_fields(mail), "return-path")
    return replace(
        found,
        message_id=returned_id(mail, texts),
        return_path=path.strip().strip("<>")[:ADDRESS_CHARS] or None,
    )


def _feedback(mail: Mail) -> Bounce | None:
    """Read a feedback report; None where there is none."""
    fields = feedback_of(mail)
    if fields is None:
        return None
    kind = first(fields, "feedback-type").strip().lower()
    return Bounce("complained" if kind in COMPLAINTS else "other", rule="arf", detail=safe(kind))


def _status(mail: Mail, texts: Sequence[str], rules: Rules) -> Bounce | None:
    """Read a delivery status; None where there is none, or one without a recipient."""
    recipients = recipients_of(mail)
    if not recipients:
        return None
    one = recipients[0]
    names = _names(mail, recipients)
    status, detail = one.status or None, safe(one.diagnostic, names)
    final = one.action == "failed"
    if one.action in ARRIVED or (one.status.startswith("2.") and not final):
        return Bounce("other", status, "dsn.arrived", detail)
    if one.action == "delayed" or (one.status.startswith("4.") and not final):
        return Bounce("temporary", status, "dsn.delayed", detail)
    hosts = _hosts(mail, one)
    rule = rules.of_reply(one.status or "5.0.0", plain(one.diagnostic), hosts)
    if rule is not None:
        return _ended(rule, one.status, detail)
    said = told(texts, rules, hosts)
    if said is not None:
        return _ended(said.rule, said.status or one.status, detail or safe(said.said, names))
    return Bounce("undelivered", status, "dsn", detail)


def _notice(mail: Mail, texts: Sequence[str], rules: Rules) -> Bounce | None:
    """Read a notice that people are to read; None where the message is none."""
    sender, subject, signs = plain(_sender(mail)), plain(mail.field("subject")), rules.signs
    kind = mail.parameters.get("report-type", "").lower()
    reports = kind == "delivery-status"
    bounced = reports or any(one in subject for one in signs.bounce_subjects)
    delayed = any(one in subject for one in signs.delay_subjects)
    bounced = bounced or sender.partition("@")[0] in signs.bounce_senders
    if not (bounced or delayed):
        return None
    if kind == READ or any(one in subject for one in signs.reply_subjects):
        return None
    said = told(texts, rules, _hosts(mail, None))
    if delayed or says(texts, signs.delay_words, signs.ends):
        return Bounce("temporary", (said.status or None) if said else None, "notice.delayed")
    names = _names(mail, ())
    if said is not None:
        return _ended(said.rule, said.status, safe(said.said, names))
    return Bounce("undelivered", None, "notice", safe(subject, names))


def _answer(mail: Mail, rules: Rules) -> Bounce:
    """Return that it is an answer of a machine, or that the message tells nothing."""
    subject = plain(mail.field("subject"))
    automatic = plain(mail.field("auto-submitted")).partition(";")[0].strip()
    if mail.parameters.get("report-type", "").lower() == READ:
        return Bounce("auto_reply", rule="disposition")
    if automatic not in ("", "no"):
        return Bounce("auto_reply", rule="auto_submitted")
    if any(name in mail.fields for name in AUTO_FIELDS) or plain(mail.field("precedence")) in AUTO_PRECEDENCE:
        return Bounce("auto_reply", rule="auto_header")
    if any(one in subject for one in rules.signs.reply_subjects):
        return Bounce("auto_reply", rule="auto_subject")
    return Bounce("other", rule="no_sign")


def _ended(rule: Rule, status: str, detail: str) -> Bounce:
    """Return the bounce by a rule; whoever says at last what is temporary has given up."""
    word: Word = "expired" if rule.word == "temporary" else rule.word
    return Bounce(word, status or None, rule.id, detail)


def _sender(mail: Mail) -> str:
    value = mail.field("from")
    return (value.rpartition("<")[2].partition(">")[0] if "<" in value else value).strip()


def _hosts(mail: Mail, recipient: Recipient | None) -> set[str]:
    """Return who takes part: servers, and the domains of sender and recipient."""
    named = [*reporting_hosts(mail), _sender(mail).rpartition("@")[2]]
    if recipient is not None:
        named += [recipient.remote, recipient.address.rpartition("@")[2]]
    return {name.strip().rstrip(".").lower() for name in named} - {""}


def _names(mail: Mail, recipients: Sequence[Recipient]) -> list[str]:
    """Return the users that the message is about."""
    returned = first(returned_fields(mail), "to")
    return local_parts([*(one.address for one in recipients), mail.field("x-failed-recipients"), returned])
