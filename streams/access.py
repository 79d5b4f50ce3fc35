"""Agencies and keys: who may speak, and in which role."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import upsert
from config.database.schema import agencies, api_keys, associations, subscribers
from subscribers.contacts import Vault
from subscribers.model import LEFT


class Role(StrEnum):
    """What a key may do; see docs/faces.md."""

    OPERATOR = "operator"
    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    ASSOCIATION = "association"
    SUBSCRIBER = "subscriber"


EMITTING = (Role.PUBLISHER, Role.REVIEWER)


@dataclass(frozen=True)
class Actor:
    """Someone whose key was good; ``holder`` is the person behind it."""

    key_id: str
    role: Role
    holder: str
    agency_id: str | None = None
    association_id: str | None = None
    subscriber_id: str | None = None

    def is_same_person(self, holder: str) -> bool:
        """Whether ``holder`` names this person; case, blanks and full-width letters make no other person."""
        return _folded(self.holder) == _folded(holder)


def _folded(holder: str) -> str:
    return "".join(unicodedata.normalize("NFKC", holder).casefold().split())


@dataclass(frozen=True)
class NewKey:
    """A key just made; ``bearer`` and ``hmac_secret`` are shown once and cannot be had again."""

    key_id: str
    bearer: str = field(repr=False)
    hmac_secret: str | None = field(repr=False)


class KeyRequestError(ValueError):
    """A key cannot be made so: the message says what its role needs."""


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a plain digest is as good as a slow one.
    return hashlib.sha256(secret.encode()).hexdigest()


async def create_key(
    conn: AsyncConnection,
    vault: Vault,
    *,
    role: Role,
    holder: str,
    agency_id: str | None = None,
    association_id: str | None = None,
    subscriber_id: str | None = None,
    now: datetime,
) -> NewKey:
    """Make a key for ``holder``.

    Raises:
        KeyRequestError: the role lacks what it is bound to, or that does not exist.
    """
    needed = {
        Role.PUBLISHER: ("agency_id", agency_id),
        Role.REVIEWER: ("agency_id", agency_id),
        Role.ASSOCIATION: ("association_id", association_id),
        Role.SUBSCRIBER: ("subscriber_id", subscriber_id),
    }.get(role)
    if needed and not needed[1]:
        raise KeyRequestError(f"a {role} key needs {needed[0]}")
    if not holder.strip():
        raise KeyRequestError("holder: name the person who will hold this key")
    await _insist_on_existence(conn, agency_id, association_id, subscriber_id)
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    hmac_secret = secrets.token_hex(32) if role in EMITTING else None
    await conn.execute(
        api_keys.insert().values(
            key_id=key_id,
            secret_hash=_hash(secret),
            role=role.value,
            holder=holder.strip(),
            agency_id=agency_id,
            association_id=association_id,
            subscriber_id=subscriber_id,
            hmac_secret=_seal(vault, hmac_secret) if hmac_secret else None,
            created_at=now,
        )
    )
    return NewKey(key_id, f"zd_{key_id}_{secret}", hmac_secret)


async def _insist_on_existence(
    conn: AsyncConnection, agency_id: str | None, association_id: str | None, subscriber_id: str | None
) -> None:
    """Refuse a key for somebody who is not here: with a slip in an id it would open nothing, or one day another's."""
    here = subscribers.c.status != LEFT
    for kind, plural, name, found in (
        ("agency", "agencies", agency_id, select(agencies.c.agency_id).filter_by(agency_id=agency_id)),
        (
            "association",
            "associations",
            association_id,
            select(associations.c.association_id).filter_by(association_id=association_id),
        ),
        (
            "subscriber",
            "subscribers",
            subscriber_id,
            select(subscribers.c.subscriber_id).filter_by(subscriber_id=subscriber_id).where(here),
        ),
    ):
        if name and (await conn.execute(found)).first() is None:
            raise KeyRequestError(f"unknown {kind} {name}: put it first with PUT /api/v1/{plural}/{name}")


def _sealer(vault: Vault) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(vault.derive("key-secrets")))


def _seal(vault: Vault, secret: str) -> bytes:
    return _sealer(vault).encrypt(secret.encode())


def _actor(row: Any) -> Actor:
    return Actor(row.key_id, Role(row.role), row.holder, row.agency_id, row.association_id, row.subscriber_id)


async def authenticate(conn: AsyncConnection, bearer: str) -> Actor | None:
    """Return who holds ``bearer``, or None when it is unknown, wrong or revoked."""
    parts = bearer.split("_", 2)
    if len(parts) != 3 or parts[0] != "zd":
        return None
    row = (await conn.execute(select(api_keys).where(api_keys.c.key_id == parts[1]))).first()
    if row is None or row.revoked_at is not None or not hmac.compare_digest(row.secret_hash, _hash(parts[2])):
        return None
    return _actor(row)


async def actor_by_key(conn: AsyncConnection, key_id: str) -> Actor | None:
    """Return the holder of a key that has not been revoked."""
    row = (await conn.execute(select(api_keys).where(api_keys.c.key_id == key_id))).first()
    return None if row is None or row.revoked_at is not None else _actor(row)


@dataclass(frozen=True)
class SignedBy:
    """The holder of a signing key, its secret, and whether the key still stands."""

    actor: Actor
    secret: bytes | None = field(repr=False)
    revoked: bool


async def signer(conn: AsyncConnection, vault: Vault, key_id: str) -> SignedBy | None:
    """Return who signs with ``key_id``; a revoked key is returned too and says so."""
    row = (await conn.execute(select(api_keys).where(api_keys.c.key_id == key_id))).first()
    if row is None:
        return None
    secret = _sealer(vault).decrypt(row.hmac_secret) if row.hmac_secret else None
    return SignedBy(_actor(row), secret, row.revoked_at is not None)


async def list_keys(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Return every key without its secrets."""
    names = (
        "key_id",
        "role",
        "holder",
        "agency_id",
        "association_id",
        "subscriber_id",
        "created_at",
        "revoked_at",
    )
    rows = await conn.execute(select(*(api_keys.c[n] for n in names)).order_by(api_keys.c.created_at))
    return [dict(row._mapping) for row in rows]


async def revoke_key(conn: AsyncConnection, key_id: str, now: datetime) -> bool:
    """End a key; returns whether it was there and alive."""
    done = await conn.execute(
        update(api_keys)
        .where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return bool(done.rowcount)


async def put_agency(
    conn: AsyncConnection, agency_id: str, name: str, region: str | None, now: datetime
) -> None:
    """Write an agency; its name and region may be corrected later."""
    await conn.execute(
        upsert(conn, agencies, ["name", "region"]),
        [{"agency_id": agency_id, "name": name, "region": region, "created_at": now}],
    )


async def has_agency(conn: AsyncConnection, agency_id: str) -> bool:
    """Return whether there is an agency of that id."""
    return bool(await conn.scalar(select(agencies.c.agency_id).where(agencies.c.agency_id == agency_id)))


async def region_of(conn: AsyncConnection, agency_id: str) -> str | None:
    """Return an agency's region: where its policies apply unless they say otherwise."""
    found: str | None = await conn.scalar(select(agencies.c.region).where(agencies.c.agency_id == agency_id))
    return found


async def list_agencies(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Return every agency."""
    return [dict(row._mapping) for row in await conn.execute(select(agencies).order_by(agencies.c.agency_id))]
