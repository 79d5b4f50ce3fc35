"""A fact with the words that prove it, and all facts of one document."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

Value = TypeVar("Value")
Unit = Literal["yuan", "percent"]
Bound = Literal["exact", "minimum", "maximum"]
Operator = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Fact(Generic[Value]):
    """One value read from a document.

    Attributes:
        value: what was read.
        start: offset of the evidence in the original body, in characters.
        end: end of the evidence; `quote == body[start:end]` always.
        quote: the words that prove it. Empty (with start = end = 0) where the evidence is not in the body:
            it is then in the title, or was given by the publisher.
        rule: the rule of the grammar that read it, for example "effective:issued".
    """

    value: Value
    start: int
    end: int
    quote: str
    rule: str


@dataclass(frozen=True)
class Amount:
    """A sum or share that the document grants.

    Attributes:
        value: in yuan, or in percent.
        unit: "yuan" or "percent".
        bound: whether the text says exactly, at least or at most so much.
        purpose: the word for what is given, as the text has it: 奖励, 补贴, 贷款额度.
        per: for each of what: 平方米 (however the text spells it), 人/月; "" where it is one sum.
    """

    value: float
    unit: Unit
    bound: Bound
    purpose: str
    per: str = ""


@dataclass(frozen=True)
class Condition:
    """A number that an applicant has to meet, for example 营业收入 >= 20000000 yuan.

    The two sides of one limit (2000万元以上、4亿元以下) are two conditions of one field whose quotes begin at the same
    place.

    Attributes:
        field: what is measured, as a code: see `fields.FIELDS`.
        op: how the applicant's number compares with `value`.
        value: the number; a day as 20200131.
        unit: "yuan", "percent", "person", "year", "month", "item" or "sqm"; "day" where the field "established" says
            not how old an enterprise is but on which day it was founded.
    """

    field: str
    op: Operator
    value: float
    unit: str


@dataclass(frozen=True)
class Facts:
    """What a document says of itself; None and empty where it does not say.

    Attributes:
        doc_number: its own 发文字号, written with 〔〕 and without blanks.
        effective_date: 施行日期.
        valid_until: the last day of its validity, computed where the text says 有效期N年.
        apply_from: first day on which applications are taken.
        apply_until: last day on which applications are taken.
        repeals: documents that it repeals as a whole: their 字号, or their titles where no 字号 stands beside.
        amounts: what it grants, in the order of the text.
        conditions: what it asks of an applicant, in the order of the text.
    """

    doc_number: Fact[str] | None = None
    effective_date: Fact[date] | None = None
    valid_until: Fact[date] | None = None
    apply_from: Fact[date] | None = None
    apply_until: Fact[date] | None = None
    repeals: tuple[Fact[str], ...] = ()
    amounts: tuple[Fact[Amount], ...] = ()
    conditions: tuple[Fact[Condition], ...] = ()
