"""Templates as gateways have them registered: an id of theirs, and which of our values goes into which variable."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.message import Occasion
from config.office_file import OfficeFileError, office_tables, read_each

# What a message can say; `channels.sms.texts` fills every one of them.
VALUES = (
    "title",
    "headline",
    "issuer",
    "document_number",
    "opens",
    "deadline",
    "window",
    "days_left",
    "effective",
    "valid_until",
    "change_note",
    "note",
    "relayed_by",
    "count",
    "why",
    "code",
    "url",
    "path",
)
EXAMPLE = '[aliyun.policy] id = "SMS_1" variables = { title = "title:20" }'
NO_LINKS = ("tencent",)  # kinds of gateways whose variables may hold no address
SPEC = re.compile(r"(?P<value>[a-z_]+)(?::(?P<most>[1-9]\d{0,2}))?(?:\|(?P<otherwise>.*))?", re.DOTALL)


class SmsTemplatesError(OfficeFileError):
    """The file of SMS templates (ZHENGDA_SMS_TEMPLATES) is wrong.

    The message names file, table and what is wrong there. It is TOML with a table [gateway.occasion] for each template,
    as docs/sms.md shows. Mend it and start again; nothing was started.
    """


@dataclass(frozen=True)
class Filled:
    """A message as values: ``name`` is its occasion (``policy``, ``confirm`` …), ``values`` all of `VALUES`."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Variable:
    """A gap of a registered template.

    Attributes:
        parameter: its name there.
        value: our value that goes into it, one of `VALUES`.
        most: characters that it takes; None: any number.
        otherwise: what goes into it where the message has no such value.
    """

    parameter: str
    value: str
    most: int | None = None
    otherwise: str = ""


@dataclass(frozen=True)
class Registered:
    """A template at a gateway; its variables are in the order in which the gateway counts them."""

    template_id: str
    variables: tuple[Variable, ...] = ()

    def parameters(self, filled: Filled) -> dict[str, str]:
        """Return what goes into each variable, cut to its length; in order, for gateways that number them."""
        return {
            one.parameter: _cut(filled.values[one.value] or one.otherwise, one.most) for one in self.variables
        }


def load_templates(
    path: Path | None, kinds: Mapping[str, str], *, all_known: bool = True
) -> dict[str, dict[str, Registered]]:
    """Return the templates of a file: gateway -> occasion -> template; none without a file.

    Args:
        path: of a TOML file.
        kinds: the gateways that are set: name -> kind.
        all_known: whether these are all; False: tables of others are passed over.

    Raises:
        OfficeFileError: the file cannot be read; `SmsTemplatesError` where it names a gateway that is not set, or has
            something else that is wrong.
    """
    if path is None:
        return {}
    found = office_tables(path, "ZHENGDA_SMS_TEMPLATES", EXAMPLE)
    known = ", ".join(kinds) or "none"

    def of_gateway(gateway: str, table: Any) -> dict[str, Registered]:
        if gateway not in kinds:
            raise SmsTemplatesError(
                f"{path}: [{gateway}] is no gateway of ZHENGDA_SMS_URL, which has {known}"
            )
        if not isinstance(table, dict):
            raise SmsTemplatesError(f"{path}: {gateway} is not a table of occasions")
        kind = kinds[gateway]
        return read_each(
            table,
            lambda occasion, given: _registered(f"{path}: [{gateway}.{occasion}]", occasion, given, kind),
        )

    looked_at = found if all_known else {name: table for name, table in found.items() if name in kinds}
    return read_each(looked_at, of_gateway)


def _registered(where: str, occasion: str, given: Any, kind: str) -> Registered:
    occasions = [str(one) for one in Occasion]
    if occasion not in occasions:
        raise SmsTemplatesError(f"{where} is no occasion, use one of {', '.join(occasions)}")
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("id"), str)
        or given.keys() - {"id", "variables"}
    ):
        raise SmsTemplatesError(f'{where} takes id = "…" and variables, nothing else')
    variables = given.get("variables", [])
    if isinstance(variables, list):
        # Gateways that number their variables know no names for them.
        named = {str(place): spec for place, spec in enumerate(variables, 1)}
    elif isinstance(variables, dict):
        named = variables
    else:
        raise SmsTemplatesError(f"{where} variables are a list or a table")
    read = read_each(named, lambda name, spec: _variable(where, name, spec, kind))
    return Registered(given["id"], tuple(read.values()))


def _variable(where: str, parameter: str, spec: Any, kind: str) -> Variable:
    read = SPEC.fullmatch(spec) if isinstance(spec, str) else None
    if read is None or read["value"] not in VALUES:
        raise SmsTemplatesError(
            f'{where} {parameter} = {spec!r}: it is "value", "value:20" or "value:20|otherwise", value one of '
            + ", ".join(VALUES)
        )
    if read["value"] == "url" and kind in NO_LINKS:
        raise SmsTemplatesError(f"{where} {parameter}: {kind} takes no address in a variable, use path")
    most = int(read["most"]) if read["most"] else None
    return Variable(parameter, read["value"], most, read["otherwise"] or "")


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[: most - 1] + "…"
