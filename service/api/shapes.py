"""How values of the house look as JSON: the field names of docs/faces.md, times in UTC."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, StringConstraints, WithJsonSchema

from config.channels import NAMES as CHANNELS
from config.clock import aware
from config.taxonomies import Taxonomy
from service.api.problems import wrong
from streams.labelling import Label
from streams.policies import PolicyView
from subscribers.model import ChannelName

Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
After = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]
AgencyQuery = Annotated[str | None, Query(max_length=64, description="operators: whose")]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text200 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

AnyChannel = Annotated[ChannelName, WithJsonSchema({"type": "string", "enum": list(CHANNELS)})]


class Body(BaseModel):
    """A request body: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def plain(value: Any) -> Any:
    """``value`` with its moments as ISO 8601 in UTC and its days as ``YYYY-MM-DD``, at any depth."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


def label_json(label: Label, taxonomy: Taxonomy) -> dict[str, Any]:
    """A label with its Chinese name."""
    named = asdict(label)
    named["name"] = taxonomy.name(label.dimension, label.code) or label.code
    return named


def policy_head(view: PolicyView) -> dict[str, Any]:
    """A policy as a list shows it."""
    head: dict[str, Any] = plain(
        {
            "agency_id": view.agency_id,
            "policy_id": view.policy_id,
            "revision": view.revision,
            "state": view.state,
            "title": view.title,
            "issuer": view.issuer,
            "disclosure": view.disclosure,
            "targeted": view.targeted,
            "publish_date": view.data.get("publish_date"),
            "received_at": view.received_at,
            "decided_at": view.decided_at,
        }
    )
    return head


def policy_json(view: PolicyView, taxonomy: Taxonomy, *, staff: bool) -> dict[str, Any]:
    """A policy with its text and labels.

    Who published and decided it is for ``staff`` only, and so are its audience and the labels that were taken away.
    """
    data = {key: value for key, value in view.data.items() if staff or key != "audience_scope"}
    whole = data | {"body": view.body} | policy_head(view)
    whole["labels"] = [label_json(label, taxonomy) for label in view.labels]
    whole["facts"] = [asdict(fact) for fact in view.facts]
    if staff:
        whole["labels_taken_away"] = [label_json(label, taxonomy) for label in view.taken_away]
        whole |= plain({"publisher": view.publisher, "source": view.source, "event_id": view.event_id})
        whole |= plain(
            {"labelled_at": view.labelled_at, "decided_by": view.decided_by, "reason": view.reason}
        )
    return whole


@contextmanager
def cursor_checked(after: str | None, *, timed: bool = True) -> Iterator[None]:
    """Turn a cursor that is none of ours into a 422; whoever made it reads it, and raises ValueError.

    ``timed`` cursors begin with a moment, which must have a zone: PostgreSQL's driver compares no other.
    """
    try:
        if after is not None and timed:
            aware(datetime.fromisoformat(after.split("|")[0]))
        yield
    except (ValueError, OverflowError) as exc:
        raise wrong("after", "not a cursor of this list; take `next` of the page before") from exc
