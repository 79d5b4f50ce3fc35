"""解读率: how many of the policies that must be interpreted are, and in how many more forms than text."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, case, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import explanations, policy_labels, policy_revisions
from streams.campaigns.occurrences import INTERPRETATION
from streams.explanations.rules import ALWAYS, NORMATIVE_WORDS, must_be_interpreted

RATE_GOAL = 1.0  # 解读率达到100%
FORMS_GOAL = 0.6  # 多元化解读占全部解读数量比例不得低于60%
NAMED_MISSING = 100

r, e, k = policy_revisions.c, explanations.c, policy_labels.c
Key = tuple[str, str]


@dataclass(frozen=True)
class InterpretationFigures:
    """What an office reports of its released open policies; rates are None while their base is 0.

    Attributes:
        must_be_interpreted: policies that need an interpretation (`streams.explanations.rules`).
        interpreted: those of them that have one which a reviewer released.
        missing: the others, by agency and id, the newest ``NAMED_MISSING``.
        interpretations: released interpretations of any released open policy.
        beyond_text: those of them in another form than text.
    """

    must_be_interpreted: int
    interpreted: int
    rate: float | None
    rate_goal: float
    missing: list[dict[str, str]]
    interpretations: int
    beyond_text: int
    beyond_text_share: float | None
    beyond_text_goal: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


async def interpretation_figures(
    conn: AsyncConnection, agency_id: str | None = None
) -> InterpretationFigures:
    """Count an agency's policies, or everybody's.

    Bodies stay in the record: whether a text calls itself a 规范性文件 is asked there, and not of those whose kind
    decides.
    """
    forms: dict[Key, list[str]] = {}
    required: list[tuple[Key, str]] = []
    for row in await conn.execute(_released(agency_id)):
        key = (row.agency_id, row.policy_id)
        forms[key] = [one.get("form", "text") for one in row.packed or [] if one.get("reviewed", True)]
        words = NORMATIVE_WORDS[0] if row.says_so else ""
        if must_be_interpreted(row.kind, row.doc_number, words):
            required.append((key, row.title))
    for row in await conn.execute(_by_events(agency_id)):
        if (row.agency_id, row.policy_id) in forms:
            forms[row.agency_id, row.policy_id].append(row.form or "text")
    missing = [
        {"agency_id": key[0], "policy_id": key[1], "title": title}
        for key, title in required
        if not forms[key]
    ]
    told = [form for of_policy in forms.values() for form in of_policy]
    done, beyond = len(required) - len(missing), sum(form != "text" for form in told)
    return InterpretationFigures(
        must_be_interpreted=len(required),
        interpreted=done,
        rate=round(done / len(required), 4) if required else None,
        rate_goal=RATE_GOAL,
        missing=missing[:NAMED_MISSING],
        interpretations=len(told),
        beyond_text=beyond,
        beyond_text_share=round(beyond / len(told), 4) if told else None,
        beyond_text_goal=FORMS_GOAL,
    )


def _released(agency_id: str | None) -> Any:
    of_it = and_(
        k.agency_id == r.agency_id,
        k.policy_id == r.policy_id,
        k.revision == r.revision,
        k.dimension == "kind",
    )
    words = or_(*(r.body.contains(one, autoescape=True) for one in NORMATIVE_WORDS))
    says_so = case((k.code.in_(ALWAYS), false()), (words, true()), else_=false())
    query = (
        select(
            r.agency_id,
            r.policy_id,
            r.title,
            k.code.label("kind"),
            r.data["doc_number"].as_string().label("doc_number"),
            r.data["interpretations"].label("packed"),
            says_so.label("says_so"),
        )
        .outerjoin_from(policy_revisions, policy_labels, of_it)
        .where(r.state == "released", r.disclosure == "open")
        .order_by(r.decided_at.desc(), r.agency_id, r.policy_id)
    )
    return query if agency_id is None else query.where(r.agency_id == agency_id)


def _by_events(agency_id: str | None) -> Any:
    query = select(e.agency_id, e.policy_id, e.data["form"].as_string().label("form")).where(
        e.kind == INTERPRETATION, e.state == "released"
    )
    return query if agency_id is None else query.where(e.agency_id == agency_id)
