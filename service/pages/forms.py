"""Forms about a subscriber: what stands in their fields becomes our models, what is wrong becomes Chinese words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from config.taxonomies import Taxonomy
from service.pages.named_codes import PARTED, named_codes, named_region
from service.pages.ranges import WAN, read_ranges
from subscribers.correcting import WhoIn
from subscribers.criteria import Criteria
from subscribers.errors import wrong_fields
from subscribers.joining import AddressIn, JoinIn
from subscribers.model import Preferences, Profile, SubscriptionIn
from subscribers.words.codes import Subject

M = TypeVar("M", bound=BaseModel)

ADDRESSES = {"email": "email", "mobile": "sms"}  # field of the form → channel
NAMED_FIRST = ("theme", "instrument", "industry", "region")  # dimensions that the form asks for, in its order
ONLY_NARROWS = "人数、营业收入和成立日期只用来缩小范围，请再选择一个条件或填写一个关键词。"

# Where an error lies → field of the form and what to do about it.
WORDS: Mapping[str, tuple[str, str]] = {
    "name": ("name", "请填写单位名称，不超过 200 字。"),
    "credit_code": ("credit_code", "统一社会信用代码有误：应为 18 位，末位是校验码，请核对。"),
    "kind": ("kind", "请选择单位类型。"),
    "profile.region": ("region", "没有这个地区。"),
    "profile.industries": ("industries", "没有这个行业。"),
    "profile.size": ("size", "请选择企业规模。"),
    "profile.qualifications": ("qualifications", "没有这项资质。"),
    "profile.staff": ("staff", "职工人数应为整数。"),
    "profile.revenue": ("revenue", "年营业收入应为数字，单位万元。"),
    "profile.founded": ("founded", "成立日期应写作 2020-01-31。"),
    "contacts": ("contacts", "请至少填写一个邮箱或手机号，最多四个。"),
    "subscriptions": ("keywords", "关键词每个 2 到 30 个字，最多 16 个。"),
    "criteria": ("keywords", "请至少选择一个条件或填写一个关键词；关键词每个 2 到 30 个字，最多 16 个。"),
    "channels": ("channels", "请至少选择一种接收方式。"),
    "quiet_hours": ("quiet", "免打扰时段的开始和结束都要填写，并且不能相同。"),
    "frequency": ("form", "请选择多久一次。"),
    "preferences.frequency": ("form", "请选择多久一次。"),
    "preferences": ("quiet", "免打扰时段的开始和结束都要填写，并且不能相同。"),
    "address": ("address", "请填写正确的邮箱或手机号。"),
}
ADDRESS_WORDS = {
    "email": ("email", "邮箱地址有误，请核对。"),
    "sms": ("mobile", "手机号有误：应为中国大陆 11 位手机号码。"),
}


class FormWrong(Exception):
    """A form cannot be taken; ``errors`` say by field what to do, in Chinese."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Fields:
    """A form's fields as texts."""

    form: FormData

    def one(self, name: str) -> str:
        """The field's text without blanks around it, "" where there is none."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def many(self, name: str) -> list[str]:
        """All values of a field that may come several times."""
        return [value for value in self.form.getlist(name) if isinstance(value, str) and value]

    def parted(self, name: str) -> list[str]:
        """The words of a field that holds several, parted by blanks or punctuation."""
        return [word for word in PARTED.split(self.one(name)) if word]

    def shown(self) -> dict[str, Any]:
        """Everything as it was typed, for showing the form again."""
        return {name: self.many(name) if name in LISTS else self.one(name) for name in set(self.form)}


LISTS = ("sections", "qualifications", "themes", "instruments", "channels", "profile_channels", "remove")


def read_join(form: FormData, taxonomy: Taxonomy) -> JoinIn:
    """Return the sign-up that a form holds.

    Raises:
        FormWrong: what is wrong, by field.
    """
    fields, errors = Fields(form), dict[str, str]()
    contacts = [
        {"channel": channel, "address": fields.one(name)}
        for name, channel in ADDRESSES.items()
        if fields.one(name)
    ]
    given = _who(fields, taxonomy, errors) | {
        "contacts": contacts,
        "preferences": _preferences(fields),
        "profile_matching": fields.one("profile_matching") != "no",
    }
    wish = _wish(fields, taxonomy, errors)
    if wish["criteria"]:
        given["subscriptions"] = [wish]
    if not fields.one("agreed"):
        errors["agreed"] = "请阅读并勾选同意。"
    return _checked(JoinIn.model_validate, given, errors, contacts)


def read_who(form: FormData, taxonomy: Taxonomy) -> WhoIn:
    """Return who the subscriber says it is; see `read_join`."""
    errors: dict[str, str] = {}
    return _checked(WhoIn.model_validate, _who(Fields(form), taxonomy, errors), errors)


def read_preferences(form: FormData) -> tuple[Preferences, bool]:
    """Return how it wants to be reached, and whether its profile is matched; see `read_join`."""
    fields = Fields(form)
    chosen = _checked(Preferences.model_validate, _preferences(fields), {})
    return chosen, fields.one("profile_matching") != "no"


def read_wish(
    form: FormData, taxonomy: Taxonomy, kept: Mapping[str, Any] = MappingProxyType({})
) -> SubscriptionIn:
    """Return a subscription with simple criteria, and with those parts that the form did not ask for; see `read_join`.

    Args:
        form: what was typed.
        taxonomy: names codes.
        kept: parts of criteria in canonical form that stay as they are, such as ``not``; its keywords stand beside
            those that were typed.
    """
    errors: dict[str, str] = {}
    return _checked(SubscriptionIn.model_validate, _wish(Fields(form), taxonomy, errors, kept), errors)


def read_try(form: FormData, taxonomy: Taxonomy) -> tuple[Criteria | None, str, Profile | None]:
    """Return what would be matched if the form were sent: the wish, the kind of unit and its profile; see `read_join`.

    Neither name nor addresses are needed for that. The profile is None where it is not to be matched.
    """
    fields, errors = Fields(form), dict[str, str]()
    who, wish = _who(fields, taxonomy, errors), _wish(fields, taxonomy, errors)
    matched = fields.one("profile_matching") != "no"
    given = {
        "criteria": wish["criteria"] or None,
        "kind": who["kind"],
        "profile": who["profile"] if matched else None,
    }
    tried = _checked(_Try.model_validate, given, errors)
    return tried.criteria, tried.kind, tried.profile


class _Try(BaseModel):
    criteria: Criteria | None
    kind: Subject
    profile: Profile | None


def read_address(form: FormData) -> AddressIn:
    """Return an address of either kind, told apart by its @; see `read_join`."""
    address = Fields(form).one("address")
    given = {"channel": "email" if "@" in address else "sms", "address": address}
    return _checked(AddressIn.model_validate, given, {})


def _who(fields: Fields, taxonomy: Taxonomy, errors: dict[str, str]) -> dict[str, Any]:
    profile = {
        "region": named_region(fields.one("region"), taxonomy, errors, "region"),
        "industries": fields.many("sections") + _industries(fields, taxonomy, errors),
        "size": fields.one("size") or None,
        "qualifications": fields.many("qualifications"),
        "staff": fields.one("staff") or None,
        "revenue": _revenue(fields.one("revenue"), errors),
        "founded": fields.one("founded") or None,
    }
    return {
        "name": fields.one("name"),
        "credit_code": fields.one("credit_code").upper() or None,
        "kind": fields.one("kind") or "enterprise",
        "profile": profile,
    }


def _preferences(fields: Fields) -> dict[str, Any]:
    start, end = fields.one("quiet_from"), fields.one("quiet_to")
    quiet = {name: value for name, value in (("from", start), ("to", end)) if value}
    return {
        "frequency": fields.one("frequency") or "instant",
        "quiet_hours": quiet or None,
        "profile_channels": ["space", *fields.many("profile_channels")],
    }


def _wish(
    fields: Fields,
    taxonomy: Taxonomy,
    errors: dict[str, str],
    kept: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    region = named_region(fields.one("wish_region"), taxonomy, errors, "wish_region")
    industry = named_codes(fields.parted("wish_industry"), "industry", taxonomy, errors, "wish_industry")
    clauses: list[dict[str, Any]] = []
    for dimension, codes in (
        ("theme", fields.many("themes")),
        ("instrument", fields.many("instruments")),
        ("industry", industry),
    ):
        if codes:
            clauses.append({dimension: codes})
    if region:
        # Whoever asks for a region wants the policies that hold everywhere, too.
        clauses.append({"region": region, "or_unrestricted": True})
    criteria: dict[str, Any] = ({"any": [{"all": clauses}]} if clauses else {}) | dict(kept)
    if keywords := [*fields.parted("keywords"), *kept.get("keywords", ())]:
        criteria["keywords"] = keywords
    if ranges := read_ranges(fields.one, errors):
        criteria["profile"] = ranges
        if not keywords and not criteria.get("any"):
            errors["keywords"] = ONLY_NARROWS
    named = fields.one("wish_name") or wish_name(taxonomy, criteria)
    return {"name": named[:200], "criteria": criteria, "channels": fields.many("channels") or ["space"]}


def wish_name(taxonomy: Taxonomy, criteria: Mapping[str, Any]) -> str:
    """Return what a subscription is called that was given no name: by the first of its conditions."""
    words = list(criteria.get("keywords", ()))
    clauses = [clause for way in criteria.get("any", ()) for clause in way["all"]]
    for clause in sorted(clauses, key=lambda clause: [name not in clause for name in NAMED_FIRST]):
        for dimension, codes in clause.items():
            listed = [codes] if isinstance(codes, str) else codes if isinstance(codes, list) else []
            words += [taxonomy.name(dimension, code) or code for code in listed]
    return "、".join(words[:4]) + ("等" if len(words) > 4 else "") or "我的订阅"


def _industries(fields: Fields, taxonomy: Taxonomy, errors: dict[str, str]) -> list[str]:
    return named_codes(fields.parted("industries"), "industry", taxonomy, errors, "industries")


def _revenue(text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    try:
        return round(float(text.replace(",", "").replace("，", "")) * WAN)
    except (ValueError, OverflowError):
        errors["revenue"] = WORDS["profile.revenue"][1]
        return None


def _checked(
    validate: Callable[[Any], M],
    given: Mapping[str, Any],
    errors: dict[str, str],
    contacts: Sequence[Mapping[str, str]] = (),
) -> M:
    try:
        taken = validate(given)
    except ValidationError as exc:
        for location, _ in wrong_fields(exc):
            field, words = _words(location, contacts)
            errors.setdefault(field, words)
        raise FormWrong(errors) from exc
    if errors:
        raise FormWrong(errors)
    return taken


def _words(location: tuple[int | str, ...], contacts: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    if location[:1] == ("contacts",) and len(location) > 1 and isinstance(location[1], int):
        return ADDRESS_WORDS[contacts[location[1]]["channel"]]
    named = [str(part) for part in location if isinstance(part, str)]
    for length in range(len(named), 0, -1):
        if words := WORDS.get(".".join(named[:length])):
            return words
    return ("form", "提交的内容有误，请检查后再试。") if named else ("address", WORDS["address"][1])
