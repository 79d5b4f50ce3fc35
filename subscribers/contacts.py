"""Contacts at rest: each subscriber has a data key, wrapped by the master keys; erasing that key erases the contacts.

What must outlive a change of the master keys (the blind index, signing keys) is made from two secrets of its own, which
lie in the table ``installation``, wrapped by the same master keys.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import bindparam, select, update

from config.database.record import Record, insert_new
from config.database.schema import installation, subscribers
from subscribers.addresses import folded, index_form

KEY_BYTES = 32
NONCE_BYTES = 12
REWRAP_ROWS = 500
INDEX_KEY = "blind_index_key"
ROOT_SECRET = "root_secret"


class VaultError(Exception):
    """The master keys do not open what this record holds, so no contact can be read.

    Most likely ZHENGDA_MASTER_KEYS is not the one the record was written with (a restored backup, a lost key file).
    Give the old key again, after the new one, and start again. Nothing was changed.
    """


class Vault:
    """Encrypts contacts and makes the keys that are derived from the installation's secrets."""

    def __init__(self, master_keys: str, *, index_key: bytes, root: bytes) -> None:
        """Open the vault.

        Args:
            master_keys: Fernet keys parted by commas, newest first; the newest wraps, all unwrap.
            index_key: 32 bytes for the blind index, the same for the life of the record.
            root: 32 bytes that every derived key comes from, the same for the life of the record.
        """
        self._master = _fernet(master_keys)
        self._index_key = index_key
        self._root = root

    def new_data_key(self) -> tuple[bytes, bytes]:
        """Return a fresh data key and its wrapped form, which is what the record keeps."""
        key = os.urandom(KEY_BYTES)
        return key, self._master.encrypt(key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the data key.

        Raises:
            VaultError: no master key opens it.
        """
        return _unwrap(self._master, wrapped, "a subscriber's key")

    def rewrapped(self, wrapped: bytes) -> bytes:
        """Return the same key wrapped by the newest master key."""
        try:
            return self._master.rotate(wrapped)
        except InvalidToken as exc:
            raise VaultError("no master key opens a subscriber's key") from exc

    def encrypt(self, data_key: bytes, subscriber_id: str, channel: str, address: str) -> bytes:
        """Return nonce + AES-256-GCM of ``address``, bound to its subscriber and channel."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(data_key).encrypt(nonce, address.encode(), _bound(subscriber_id, channel))

    def decrypt(self, data_key: bytes, subscriber_id: str, channel: str, sealed: bytes) -> str:
        """Return the address.

        Raises:
            VaultError: it was encrypted with another key, or for another subscriber or channel.
        """
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(data_key).decrypt(nonce, text, _bound(subscriber_id, channel)).decode()
        except InvalidTag as exc:
            raise VaultError(f"a {channel} contact of {subscriber_id} does not open with its key") from exc

    def blind_index(self, channel: str, address: str) -> str:
        """Return 64 hex digits that find an address again without showing it.

        Raises:
            AddressError: the address is none, or the channel takes none.
        """
        return self._blind(channel, index_form(channel, address))

    def index_of(self, channel: str, normal: str) -> str:
        """Return the `blind_index` of an address that is normalised already, without looking at it again."""
        return self._blind(channel, folded(channel, normal))

    def _blind(self, channel: str, text: str) -> str:
        return hmac.digest(self._index_key, f"{channel}\n{text}".encode(), hashlib.sha256).hex()

    def derive(self, info: str) -> bytes:
        """Return 32 bytes for the purpose ``info``; always the same for this installation (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(self._root)


async def open_vault(record: Record, master_keys: str) -> Vault:
    """Open the vault of ``record``; the first time its two secrets are made, by whoever comes first.

    Raises:
        VaultError: the master keys are not those of this record.
    """
    master = _fernet(master_keys)
    fresh = [
        {"name": name, "value": master.encrypt(os.urandom(KEY_BYTES)).decode()}
        for name in (INDEX_KEY, ROOT_SECRET)
    ]
    async with record.write() as conn:
        await conn.execute(insert_new(conn, installation), fresh)
        rows = await conn.execute(
            select(installation).where(installation.c.name.in_((INDEX_KEY, ROOT_SECRET)))
        )
        kept = {row.name: _unwrap(master, row.value.encode(), row.name) for row in rows}
    return Vault(master_keys, index_key=kept[INDEX_KEY], root=kept[ROOT_SECRET])


async def rewrap(record: Record, vault: Vault) -> int:
    """Wrap everything by the newest master key, so that older ones may be thrown away; return how many keys.

    It may be broken off and started again, and the service may run meanwhile.

    Raises:
        VaultError: something is wrapped by a key that was not given.
    """
    async with record.write() as conn:
        rows = (
            await conn.execute(select(installation).where(installation.c.name.in_((INDEX_KEY, ROOT_SECRET))))
        ).all()
        for row in rows:
            value = vault.rewrapped(row.value.encode()).decode()
            await conn.execute(
                update(installation).where(installation.c.name == row.name).values(value=value)
            )
    done, after = len(rows), ""
    while True:
        wrapped = await _rewrap_some(record, vault, after)
        if not wrapped:
            return done
        done, after = done + len(wrapped), wrapped[-1]


async def _rewrap_some(record: Record, vault: Vault, after: str) -> Sequence[str]:
    async with record.write() as conn:
        query = (
            select(subscribers.c.subscriber_id, subscribers.c.wrapped_key)
            .where(subscribers.c.subscriber_id > after, subscribers.c.wrapped_key.is_not(None))
            .order_by(subscribers.c.subscriber_id)
            .limit(REWRAP_ROWS)
        )
        rows = (await conn.execute(query)).all()
        if rows:
            # The old value is part of the condition: an erasure in between must stay one.
            statement = (
                update(subscribers)
                .where(
                    subscribers.c.subscriber_id == bindparam("of"),
                    subscribers.c.wrapped_key == bindparam("old"),
                )
                .values(wrapped_key=bindparam("new"))
            )
            changed = [
                {"of": row.subscriber_id, "old": row.wrapped_key, "new": vault.rewrapped(row.wrapped_key)}
                for row in rows
            ]
            await conn.execute(statement, changed)
    return [row.subscriber_id for row in rows]


def _fernet(master_keys: str) -> MultiFernet:
    keys = [key.strip() for key in master_keys.split(",") if key.strip()]
    if not keys:
        raise VaultError("no master key was given")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as exc:
        raise VaultError("a master key is not 32 bytes in URL-safe base64") from exc


def _unwrap(master: MultiFernet, token: bytes, what: str) -> bytes:
    try:
        return master.decrypt(token)
    except InvalidToken as exc:
        raise VaultError(f"no master key opens {what}") from exc


def _bound(subscriber_id: str, channel: str) -> bytes:
    return f"{subscriber_id}\n{channel}".encode()
