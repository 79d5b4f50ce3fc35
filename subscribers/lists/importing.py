"""Reading subscribers from a list: rows of cells in, one enrolment or one refusal out for each. Pure, a row at a time.

================================ ==============================================================================
column                           content
================================ ==============================================================================
``subscriber_id``                required: 1 to 64 of ``A-Z a-z 0-9 . _ -``
``name``                         required
``credit_code``                  统一社会信用代码, with its check digit
``kind``                         ``enterprise`` (default), ``individual-business``, ``social-org`` …
``region``                       GB/T 2260, six digits
``industries``                   GB/T 4754, ``I65;C39``
``size``                         ``large``, ``medium``, ``small``, ``micro``
``qualifications``, ``groups``   ``high-tech;srdi``; ``graduate;veteran``
``staff``                        persons
``revenue``                      yuan a year: ``5000000``, ``500万``, ``1.2亿``
``founded``                      a day: ``2015-04-01``, ``2015/4/1``, ``2015年4月1日``
``email``, ``mobile``            addresses; several are contacts of their own
``consent_basis``,               why, since when and by what proof these addresses may be pushed to: all three or
``consent_at``,                  none; a time without a zone is Asia/Shanghai, none lies in the future. Without
``consent_evidence``             them the addresses are kept and asked to confirm, and nothing else goes to them
``subscription_name``,           one explicit subscription, criteria as JSON; the same name again replaces it
``subscription_criteria``
``channels``                     where that subscription goes: ``space;email`` (default ``space``)
``frequency``                    ``instant`` (default), ``daily``, ``weekly``
``quiet_hours``                  ``22:00-07:00``, in Asia/Shanghai
``profile_matching``             ``yes`` (default) or ``no``: whether policies are also chosen by the profile
``profile_channels``             where those go: ``space;email`` (default ``space``), ``none``
================================ ==============================================================================

A code may be given by its Chinese name (`named`). Several values in one cell are parted by ``;``. Several rows of one
subscriber add up (several subscriptions, say).
Chinese headings are in `headings`, what cells may look like in `cells`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from subscribers.criteria import Criteria
from subscribers.errors import explain, wrong_fields
from subscribers.lists.cells import read_cell
from subscribers.lists.headings import COLUMNS, CONSENT, Header, ImportHeaderError, read_header
from subscribers.lists.spreadsheets import Line, csv_lines
from subscribers.model import Consent, Enrolment, Refusal, SubscriberId, SubscriberIn, SubscriptionIn

__all__ = ["COLUMNS", "ImportHeaderError", "parse_csv", "parse_lines"]

PROFILE = ("region", "industries", "size", "qualifications", "groups", "staff", "revenue", "founded")
PREFERENCES = ("quiet_hours", "profile_channels", "frequency")
OWN = ("name", "credit_code", "kind", "profile_matching")
ADDRESSES = {"email": "email", "mobile": "sms", "webhook": "webhook"}
COLUMN_OF = {channel: column for column, channel in ADDRESSES.items()}
# What must not come back in an answer, in whatever column it stood.
_ADDRESS = re.compile(r"https?://\S+|[^\s:;,'\"]+@[^\s;,'\"]+|(?<!\d)1[3-9]\d{9}(?!\d)")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subscriber_id: SubscriberId
    subscriber: SubscriberIn


def parse_csv(text: Iterable[str], *, now: datetime) -> Iterator[Enrolment | Refusal]:
    """Do `parse_lines` for the lines of a CSV, decoded and with their line ends."""
    return parse_lines(csv_lines(text), now=now)


def parse_lines(lines: Iterable[Line], *, now: datetime) -> Iterator[Enrolment | Refusal]:
    """Yield what each row says, or everything why it cannot be taken; empty rows are passed over.

    Args:
        lines: Rows of cells, the header first.
        now: No consent may be later.

    Raises:
        ImportHeaderError: a column is unknown, double or missing.
    """
    rows = iter(lines)
    first = next(rows, None)
    header = read_header(first.cells if first else ())
    for line in rows:
        if line.broken:
            yield Refusal(line.number, line.broken)
        else:
            yield _read(line, header, now)


def _read(line: Line, header: Header, now: datetime) -> Enrolment | Refusal:
    wrong: dict[str, str] = {}
    values = _values(line, header, wrong)
    consent = _consent(values, wrong, now)
    subscription = _subscription(values, wrong)
    row = _row(values, consent, wrong)
    if wrong or row is None:
        # In the order of the file, under its own headings.
        place = {column: at for at, column in enumerate(header.shown)}
        named = sorted(wrong.items(), key=lambda item: place.get(item[0], len(place)))
        told = (f"{header.shown.get(column, column)}: {why}" if column else why for column, why in named)
        return Refusal(line.number, _ADDRESS.sub("***", "; ".join(told)))
    subscriptions = () if subscription is None else (subscription,)
    return Enrolment(row.subscriber_id, row.subscriber, subscriptions, line.number)


def _values(line: Line, header: Header, wrong: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for at, cell in enumerate(line.cells):
        text = cell.strip()
        if not text:
            continue
        column = header.columns[at] if at < len(header.columns) else ""
        if column is None:
            continue
        if not column:
            wrong[""] = _astray(at, len(line.cells), len(header.columns))
            continue
        try:
            values[column] = read_cell(column, text)
        except ValueError as exc:
            wrong[column] = str(exc)
    return values


def _astray(at: int, cells: int, columns: int) -> str:
    if at < columns:
        return f"a value in column {at + 1}, which has no heading"
    return f"{cells} cells where the header has {columns}; quote cells with commas"


def _row(
    values: Mapping[str, Any], consent: Consent | dict[str, Any] | None, wrong: dict[str, str]
) -> _Row | None:
    contacts = [
        {"channel": channel, "address": address, "consent": consent}
        for column, channel in ADDRESSES.items()
        for address in values.get(column, ())
    ]
    subscriber: dict[str, Any] = {name: values[name] for name in OWN if name in values}
    subscriber["contacts"] = contacts
    for part, names in (("profile", PROFILE), ("preferences", PREFERENCES)):
        if said := {name: values[name] for name in names if name in values}:
            subscriber[part] = said
    shaped = {"subscriber": subscriber}
    shaped |= {name: values[name] for name in ("subscriber_id",) if name in values}
    try:
        return _Row.model_validate(shaped)
    except ValidationError as exc:
        for location, message in wrong_fields(exc):
            wrong.setdefault(_column(location, contacts), message)
    return None


def _column(location: tuple[int | str, ...], contacts: list[dict[str, Any]]) -> str:
    match location:
        case ("subscriber", "contacts", int(at), "consent", str(field), *_):
            return f"consent_{field}"
        case ("subscriber", "contacts", int(at), *_):
            return COLUMN_OF[contacts[at]["channel"]]
        case ("subscriber", "contacts", *_):
            return COLUMN_OF["email"]
        case ("subscriber", "profile" | "preferences", str(field), *_):
            return field
        case ("subscriber", str(field), *_):
            return field
    return str(location[0])


def _consent(
    values: Mapping[str, Any], wrong: dict[str, str], now: datetime
) -> Consent | dict[str, Any] | None:
    given = [name for name in CONSENT if name in values or name in wrong]
    if not given:
        return None
    for name in CONSENT:
        if name not in given:
            wrong[name] = f"missing; consent needs {', '.join(CONSENT)}; only {', '.join(given)} is given"
    at = values.get("consent_at")
    if at is not None and at > now:
        wrong["consent_at"] = "lies in the future"
    if any(name in wrong for name in CONSENT):
        return None
    return _agreed(*(values[name] for name in CONSENT))


@lru_cache(maxsize=4096)  # … and few consents
def _agreed(basis: str, at: datetime, evidence: str) -> Consent | dict[str, Any]:
    said = {"basis": basis, "at": at, "evidence": evidence}
    try:
        return Consent.model_validate(said)
    except ValidationError:
        return said  # what is wrong with it is told together with the rest of the row


def _subscription(values: Mapping[str, Any], wrong: dict[str, str]) -> SubscriptionIn | None:
    pair = ("subscription_name", "subscription_criteria")
    given = [name for name in pair if name in values or name in wrong]
    if not given:
        if "channels" in values:
            wrong["channels"] = "there is no subscription that they could belong to"
        return None
    for name in pair:
        if name not in given:
            wrong[name] = "missing; a subscription needs both subscription_name and subscription_criteria"
    if any(name in wrong for name in pair):
        return None
    chosen = tuple(values["channels"]) if "channels" in values else None
    subscription, faults = _wish(values["subscription_name"], values["subscription_criteria"], chosen)
    for column, message in faults:
        wrong.setdefault(column, message)
    return subscription


@lru_cache(maxsize=4096)  # a list repeats few subscriptions many times
def _wish(
    name: str, criteria: str, channels: tuple[str, ...] | None
) -> tuple[SubscriptionIn | None, tuple[tuple[str, str], ...]]:
    try:
        wanted = Criteria.model_validate_json(criteria)
    except ValidationError as exc:
        return None, (("subscription_criteria", explain(exc)),)
    shaped: dict[str, Any] = {"name": name, "id": f"import-{sha256(name.encode()).hexdigest()[:16]}"}
    if channels is not None:
        shaped["channels"] = channels
    try:
        return SubscriptionIn.model_validate(shaped | {"criteria": wanted}), ()
    except ValidationError as exc:
        columns = {"channels": "channels"}
        return None, tuple(
            (columns.get(str(location[0]), "subscription_name"), message)
            for location, message in wrong_fields(exc)
        )
