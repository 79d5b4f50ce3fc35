"""The kit (资料包): a policy with all that explains it, for an association some of whose members it fits."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.associations import AssociationOrOperator, own_association
from service.api.problems import not_found
from service.api.relays import relay_json
from service.api.security import HouseOf
from service.api.shapes import After, Limit, Slug, cursor_checked, plain, policy_head, policy_json
from service.house import House
from service.reading import visible_policy
from streams.masking import Shown, part
from streams.policies import PolicyView
from streams.relay.kits import Kit, fitting_members, list_kits
from streams.relay.record import Relay, find_relay, relay_id
from subscribers.associations import count_members

router = APIRouter(prefix="/api/v1/associations", tags=["associations"])


@dataclass(frozen=True)
class WholeKit:
    """One kit: the policy with its text, labels and explanations, whom it fits, and the relay if it was made."""

    view: PolicyView
    fitting: Shown
    relay: Relay | None


@router.get("/{association_id}/kits")
async def get_kits(
    association_id: Slug, house: HouseOf, actor: AssociationOrOperator, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Every released, open, untargeted policy that fits a member, newest first."""
    async with house.record.read() as conn:
        await own_association(conn, actor, association_id)
        with cursor_checked(after):
            kits, following = await list_kits(conn, association_id, after=after, limit=limit)
        whole = await count_members(conn, association_id)
    return {"kits": [_head(house, kit, whole) for kit in kits], "next": following}


@router.get("/{association_id}/kits/{agency_id}/{policy_id}")
async def get_kit(
    association_id: Slug, agency_id: Slug, policy_id: str, house: HouseOf, actor: AssociationOrOperator
) -> dict[str, Any]:
    """One kit: text, facts, evidence, interpretations, questions, attachments, links and the relay sheet."""
    async with house.record.read() as conn:
        await own_association(conn, actor, association_id)
        kit = await whole_kit(conn, association_id, agency_id, policy_id)
    shown = policy_json(kit.view, house.taxonomy, staff=False) | _links(house, kit.view)
    relay = None if kit.relay is None else relay_json(kit.relay)
    whole: dict[str, Any] = plain(shown | {"fitting": kit.fitting, "relay": relay})
    return whole


async def whole_kit(conn: AsyncConnection, association_id: str, agency_id: str, policy_id: str) -> WholeKit:
    """Return a kit in its released revision.

    Raises:
        Problem: 404 where the policy is not public, or fits no member.
    """
    fits = await fitting_members(conn, association_id, agency_id, policy_id)
    # Nobody in particular asks, so that staff's view of what is not released stays out of a kit.
    view = await visible_policy(conn, None, agency_id, policy_id, fits[0]) if fits else None
    if fits is None or view is None:
        raise not_found(f"a kit of policy {policy_id}")
    revision, fitting = fits
    relay = await find_relay(conn, relay_id(association_id, agency_id, policy_id, revision))
    return WholeKit(view, part(fitting, await count_members(conn, association_id)), relay)


def _head(house: House, kit: Kit, members: int) -> dict[str, Any]:
    return policy_head(kit.view) | _links(house, kit.view) | {"fitting": part(kit.fitting, members)}


def _links(house: House, view: PolicyView) -> dict[str, str]:
    where = f"{view.agency_id}/{view.policy_id}"
    base = house.settings.base_url
    return {"url": f"{base}/policies/{where}", "sheet_url": f"{base}/sheets/{where}"}
