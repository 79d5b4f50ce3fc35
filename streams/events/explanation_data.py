"""What explains a policy: interpretations (解读) and frequent questions (问答), as events carry them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from streams.campaigns.occurrences import FAQ, INTERPRETATION
from streams.events.fields import STRICT, Identifier, ItemId, Line, Prose, Revision, Url

MAX_ITEM_ID = 80
MAX_QUESTIONS = 50
FORMS = {"text": "文字", "chart": "图解", "video": "视频", "qa": "问答", "audio": "音频", "other": "其他"}


class _Strict(BaseModel):
    model_config = STRICT


class Interpretation(_Strict):
    """One 解读 of a policy."""

    interpretation_id: Identifier | None = None
    title: Line
    form: Literal["text", "chart", "video", "qa", "audio", "other"] = "text"
    source_url: Url | None = None
    body: Prose = Field(default="", max_length=200_000)


class Question(_Strict):
    """One question that is asked often, with the office's answer."""

    question: Annotated[
        Prose, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=1_000)
    ]
    answer: Annotated[Prose, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=10_000)]


class Faq(_Strict):
    """问答 on one policy."""

    faq_id: ItemId | None = None
    title: Line
    items: list[Question] = Field(min_length=1, max_length=MAX_QUESTIONS)


class InterpretationPublished(_Strict):
    """The data of ``interpretation.published``."""

    policy_id: Identifier
    interpretation: Interpretation

    @model_validator(mode="after")
    def _short_id(self) -> "InterpretationPublished":
        given = self.interpretation.interpretation_id
        if given is not None and len(given) > MAX_ITEM_ID:
            raise ValueError(f"interpretation_id has at most {MAX_ITEM_ID} characters")
        return self


class FaqPublished(_Strict):
    """The data of ``faq.published``."""

    policy_id: Identifier
    faq: Faq


class ItemDecision(_Strict):
    """The data of ``interpretation.released``, ``interpretation.refused`` and the same of a FAQ."""

    policy_id: Identifier
    id: ItemId
    revision: Revision
    reason: Line | None = None


@dataclass(frozen=True)
class Item:
    """An interpretation or a FAQ, alike; ``data`` is what was published, with its id."""

    kind: str
    item_id: str
    title: str
    data: dict[str, Any]


def item_of(published: InterpretationPublished | FaqPublished) -> Item:
    """Return what was published; without an id it gets one made of its content, the same whoever asks."""
    if isinstance(published, FaqPublished):
        return _item(FAQ, "faq_id", published.faq.faq_id, published.faq)
    text = published.interpretation
    return _item(INTERPRETATION, "interpretation_id", text.interpretation_id, text)


def _item(kind: str, field: str, own: str | None, given: Interpretation | Faq) -> Item:
    data = given.model_dump(mode="json", exclude_none=True)
    item_id = own or _id_of(data)
    return Item(kind, item_id, given.title, data | {field: item_id})


def _id_of(data: dict[str, Any]) -> str:
    content = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"c-{sha256(content.encode()).hexdigest()[:24]}"


def occurrence_of(kind: str, item_id: str, revision: int) -> str:
    """Return the occurrence on which an item's release is pushed; it names the item everywhere else, too."""
    return f"{kind}:{item_id}:{revision}"


def item_named(name: str) -> tuple[str, str, int]:
    """Return kind, id and revision that ``occurrence_of`` put together; an id may hold colons."""
    kind, _, rest = name.partition(":")
    item_id, _, revision = rest.rpartition(":")
    return kind, item_id, int(revision)


def in_words(data: dict[str, Any]) -> str:
    """Return an item as plain lines: its title, its text or its questions with answers, and where there is more."""
    lines = [data["title"], *_questions(data.get("items", []))]
    if body := data.get("body", "").strip():
        lines += ["", body]
    if url := data.get("source_url"):
        lines += ["", f"{FORMS[data.get('form', 'text')]}解读：{url}"]
    return "\n".join(lines)


def _questions(items: Sequence[dict[str, str]]) -> list[str]:
    return [line for one in items for line in ("", f"问：{one['question']}", f"答：{one['answer']}")]
