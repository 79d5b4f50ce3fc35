"""An empty list says nothing of a name that was mistyped: whether what a list was asked about exists at all."""

from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.problems import not_found
from service.reading import agencies_with
from streams.access import Actor, Role, has_agency
from streams.policies import standing
from subscribers.registry import has_subscriber


async def insist_on(
    conn: AsyncConnection,
    actor: Actor,
    *,
    agency: str | None,
    policy: str | None = None,
    subscriber: str | None = None,
) -> None:
    """Refuse what does not exist among the names that a list was narrowed by. Ask only where it was empty.

    An agency's staff learn only of their own agency's policies, and of no subscriber: an empty list stays one.

    Args:
        conn: the record.
        actor: who asked.
        agency: whose things were listed; None for every agency's.
        policy: its id, among those of ``agency``.
        subscriber: its id.

    Raises:
        Problem: 404, with the first of them that does not exist.
    """
    operator = actor.role is Role.OPERATOR
    if operator and agency is not None and not await has_agency(conn, agency):
        raise not_found(f"agency {agency}")
    if policy is not None and not await _has_policy(conn, agency, policy):
        raise not_found(f"policy {policy}")
    if operator and subscriber is not None and not await has_subscriber(conn, subscriber):
        raise not_found(f"subscriber {subscriber}")


async def _has_policy(conn: AsyncConnection, agency: str | None, policy: str) -> bool:
    if agency is None:
        return bool(await agencies_with(conn, policy, public_only=False))
    return await standing(conn, agency, policy) is not None
