"""What events say of a policy: the data of publication, amendment, repeal, decision and correction, field by field.

The field names are the glossary's (docs/glossary.md); ``explanation_data`` has what events say of interpretations.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from streams.events.condition_values import MANY, ConditionGiven
from streams.events.explanation_data import Interpretation
from streams.events.fields import STRICT, Day, Identifier, ItemName, LabelText, Line, Prose, Revision, Url


class _Strict(BaseModel):
    model_config = STRICT


class ApplyWindow(_Strict):
    """When one may apply; both days belong to it."""

    opens: Day | None = None
    closes: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> "ApplyWindow":
        if self.opens and self.closes and self.closes < self.opens:
            raise ValueError(f"closes ({self.closes}) is before opens ({self.opens})")
        return self


class Attachment(_Strict):
    """A file that belongs to the policy, by its address."""

    title: Line
    url: Url


class Relations(_Strict):
    """Other documents, by policy_id or 发文字号."""

    amends: list[Line] = []
    repeals: list[Line] = []
    based_on: list[Line] = []


class AudienceScope(_Strict):
    """定向公开范围: when any list is filled, the policy reaches only the subscribers it names."""

    subscribers: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]] = []
    credit_codes: list[Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]] = []
    associations: list[Identifier] = []

    @model_validator(mode="after")
    def _named(self) -> "AudienceScope":
        if not (self.subscribers or self.credit_codes or self.associations):
            raise ValueError(
                "name at least one subscriber, credit code or association, or leave audience_scope out"
            )
        return self


def given_labels(data: Mapping[str, Any]) -> list[str]:
    """The publisher's own labels in a policy's data, ``dimension:code``, those from ``theme`` and ``kind`` included."""
    own = [f"{name}:{data[name]}" for name in ("theme", "kind") if data.get(name)]
    return list(dict.fromkeys([*(data.get("labels") or []), *own]))


class PolicyData(_Strict):
    """The data of ``policy.published`` and ``policy.amended``."""

    policy_id: Identifier
    title: Line
    issuer: Line
    publish_date: Day
    disclosure: Literal["open", "on_request", "withheld"]
    body: Prose = Field(min_length=1, max_length=400_000)
    revision: Revision | None = None
    source_url: Url | None = None
    index_number: Line | None = None
    doc_number: Line | None = None
    written_date: Day | None = None
    effective_date: Day | None = None
    valid_until: Day | None = None
    theme: str | None = Field(default=None, pattern=r"^T\d\d$")
    kind: str | None = Field(default=None, pattern=r"^[a-z]+$")
    audience_scope: AudienceScope | None = None
    apply_window: ApplyWindow | None = None
    apply_url: Url | None = None
    matter_codes: list[Line] = []
    contact: Line | None = None
    interpretations: list[Interpretation] = []
    attachments: list[Attachment] = []
    relations: Relations | None = None
    labels: list[LabelText] = []

    def given_labels(self) -> list[str]:
        """See the function of this name."""
        return given_labels({"labels": self.labels, "theme": self.theme, "kind": self.kind})


class PolicyRepealed(_Strict):
    """The data of ``policy.repealed``."""

    policy_id: Identifier
    reason: Line | None = None


class Decision(_Strict):
    """The data of ``policy.released`` and ``policy.refused``.

    ``explanations`` names the waiting interpretations and FAQs that were reviewed with it (``interpretation:ID:2``);
    left out, these are all that wait when the release is judged.
    """

    policy_id: Identifier
    revision: Revision
    reason: Line | None = None
    explanations: list[ItemName] | None = None


class FactsGiven(_Strict):
    """Facts as a reviewer corrects them: what is named counts, and null says that the text states none."""

    doc_number: Line | None = None
    effective_date: Day | None = None
    valid_until: Day | None = None
    apply_from: Day | None = None
    apply_until: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> "FactsGiven":
        if self.apply_from and self.apply_until and self.apply_until < self.apply_from:
            raise ValueError(f"apply_until ({self.apply_until}) is before apply_from ({self.apply_from})")
        return self

    def named(self) -> dict[str, str | None]:
        """What is named, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class LabelsEdited(_Strict):
    """The data of ``policy.labels_edited``: a reviewer's corrections before the release.

    ``conditions`` are the numbers asked of applicants; they are named by their ``number`` among the policy's facts.
    """

    policy_id: Identifier
    revision: Revision
    add: list[LabelText] = []
    remove: list[LabelText] = []
    facts: FactsGiven = FactsGiven()
    conditions: list[ConditionGiven] = Field(default=[], max_length=MANY)
