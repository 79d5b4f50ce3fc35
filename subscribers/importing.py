"""Reading subscribers from CSV: lines in, one enrolment or one refusal out for each row. Pure, and a row at a time.

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
``qualifications``               ``high-tech;srdi``
``staff``                        persons
``email``, ``mobile``            addresses; several are contacts of their own
``consent_basis``,               why, since when and by what proof these addresses may be pushed to: all three or
``consent_at``,                  none; a time without a zone is Asia/Shanghai. Without them the addresses are kept,
``consent_evidence``             and nothing is pushed to them
``subscription_name``,           one explicit subscription, criteria as JSON; the same name again replaces it
``subscription_criteria``
``channels``                     where that subscription goes: ``space;email`` (default ``space``)
================================ ==============================================================================

Several values in one cell are parted by ``;``. Several rows of one subscriber add up (several subscriptions, say).
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from config.clock import SHANGHAI
from subscribers.criteria import Criteria
from subscribers.errors import explain
from subscribers.model import Enrolment, Refusal, SubscriberId, SubscriberIn, SubscriptionIn

REQUIRED = ("subscriber_id", "name")
CONSENT = ("consent_basis", "consent_at", "consent_evidence")
COLUMNS = (
    *REQUIRED,
    *("credit_code", "kind", "region", "industries", "size", "qualifications", "staff", "email", "mobile"),
    *CONSENT,
    *("subscription_name", "subscription_criteria", "channels"),
)


class ImportHeaderError(ValueError):
    """The first line does not name the columns, so no row can be read. Correct it; the documentation lists them."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subscriber_id: SubscriberId
    subscriber: SubscriberIn
    subscription: SubscriptionIn | None = None


def parse_csv(lines: Iterable[str]) -> Iterator[Enrolment | Refusal]:
    """Yield what each row says, or why it cannot be taken; empty lines are passed over.

    Args:
        lines: Decoded text with its line ends, the header first; a byte order mark does no harm.

    Raises:
        ImportHeaderError: a column is unknown, double or missing.
    """
    reader = csv.reader(lines)
    header = _header(next(reader, []))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield Refusal(line, f"not CSV: {exc}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            yield Refusal(
                line, f"{len(cells)} cells where the header has {len(header)}; quote cells with commas"
            )
            continue
        cells += [""] * (len(header) - len(cells))
        yield _read(line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().removeprefix("\ufeff").strip() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(COLUMNS)}"
            raise ImportHeaderError(f"unknown column {name[:40]!r}, {hint}")
        if names.count(name) > 1:
            raise ImportHeaderError(f"the column {name} stands there twice")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ImportHeaderError(f"the header lacks {', '.join(missing)}")
    return names


def _read(line: int, row: dict[str, str]) -> Enrolment | Refusal:
    given = {name: cell for name, cell in row.items() if cell}
    try:
        read = _Row.model_validate(_shape(given))
    except ValidationError as exc:
        return Refusal(line, explain(exc))
    except ValueError as exc:
        return Refusal(line, str(exc))
    subscriptions = () if read.subscription is None else (read.subscription,)
    return Enrolment(read.subscriber_id, read.subscriber, subscriptions, line)


def _shape(given: dict[str, str]) -> dict[str, Any]:
    profile: dict[str, Any] = {name: given[name] for name in ("region", "size", "staff") if name in given}
    profile |= {name: _several(given, name) for name in ("industries", "qualifications")}
    consent = _consent(given)
    contacts = [
        {"channel": channel, "address": address, "consent": consent}
        for channel, column in (("email", "email"), ("sms", "mobile"))
        for address in _several(given, column)
    ]
    subscriber: dict[str, Any] = {"profile": profile, "contacts": contacts}
    subscriber |= {name: given[name] for name in ("name", "credit_code", "kind") if name in given}
    shaped: dict[str, Any] = {"subscriber": subscriber, "subscription": _subscription(given)}
    return shaped | {name: given[name] for name in ("subscriber_id",) if name in given}


def _consent(given: dict[str, str]) -> dict[str, Any] | None:
    parts = [name for name in CONSENT if name in given]
    if not parts:
        return None
    if len(parts) < len(CONSENT):
        raise ValueError(f"consent needs {', '.join(CONSENT)}; only {', '.join(parts)} is given")
    try:
        at = datetime.fromisoformat(given["consent_at"])
    except ValueError as exc:
        raise ValueError("consent_at: write 2026-03-01 or 2026-03-01T09:30:00+08:00") from exc
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    return {"basis": given["consent_basis"], "at": at, "evidence": given["consent_evidence"]}


def _subscription(given: dict[str, str]) -> SubscriptionIn | None:
    name, criteria = given.get("subscription_name"), given.get("subscription_criteria")
    if name is None and criteria is None:
        if "channels" in given:
            raise ValueError("channels: there is no subscription that they could belong to")
        return None
    if name is None or criteria is None:
        raise ValueError("a subscription needs both subscription_name and subscription_criteria")
    shaped: dict[str, Any] = {"name": name, "id": f"import-{sha256(name.encode()).hexdigest()[:16]}"}
    if "channels" in given:
        shaped["channels"] = _several(given, "channels")
    try:
        return SubscriptionIn.model_validate(shaped | {"criteria": Criteria.model_validate_json(criteria)})
    except ValidationError as exc:
        raise ValueError(f"subscription: {explain(exc)}") from exc


def _several(given: dict[str, str], name: str) -> list[str]:
    return [part.strip() for part in given.get(name, "").split(";") if part.strip()]
