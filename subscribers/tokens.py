"""Signed tokens: unsubscribe links that never expire, links of notices, sessions and space tokens that do.

They are signed, not encrypted: nothing secret may go into them.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from config.clock import aware
from subscribers.contacts import Vault


class TokenError(ValueError):
    """The token was not made by this installation, or was damaged on its way (a mail client that cut the link).

    Ask for the message's own link again, or log in.
    """


class TokenExpiredError(TokenError):
    """The token is genuine, but its time is over. Log in or ask for a new one."""


@dataclass(frozen=True)
class Unsubscribe:
    """What an unsubscribe link speaks about: where the message went and which subscriptions caused it."""

    subscriber_id: str
    channel: str
    subscriptions: tuple[str, ...] = ()


class Tokens:
    """Makes and reads tokens; it keeps nothing, so a restart or another machine does no harm."""

    def __init__(self, vault: Vault) -> None:
        self._unsubscribe = _serializer(vault, "unsubscribe")
        self._session = _serializer(vault, "session")
        self._notice = _serializer(vault, "notice")
        self._codes = vault.derive("notice-codes")

    def unsubscribe(self, subscriber_id: str, channel: str, subscriptions: Sequence[str] = ()) -> str:
        """Return the token of an unsubscribe link, URL-safe, about 150 characters; it never expires."""
        return str(self._unsubscribe.dumps([subscriber_id, channel, *subscriptions]))

    def read_unsubscribe(self, token: str) -> Unsubscribe:
        """Return what the link speaks about.

        Raises:
            TokenError: not ours, or changed.
        """
        subscriber_id, channel, *subscriptions = _load(self._unsubscribe, token)
        return Unsubscribe(subscriber_id, channel, tuple(subscriptions))

    def notice(self, notice_id: str) -> str:
        """Return the token of a notice's link; how long and how often it is good for stands in the record."""
        return str(self._notice.dumps(notice_id))

    def read_notice(self, token: str) -> str:
        """Return the notice_id of a link.

        Raises:
            TokenError: not ours, or changed.
        """
        return str(_load(self._notice, token))

    def code_hash(self, notice_id: str, code: str) -> str:
        """Return what the record keeps of a code, 64 hex digits: keyed, for six digits would soon be guessed."""
        return hmac.new(self._codes, f"{notice_id}\n{code}".encode(), sha256).hexdigest()

    def sign_session(self, data: Mapping[str, Any], ttl: timedelta, *, now: datetime) -> str:
        """Return a token that carries ``data`` (JSON) until ``now`` + ``ttl``."""
        return str(self._session.dumps([dict(data), int((aware(now) + ttl).timestamp())]))

    def read_session(self, token: str, *, now: datetime) -> dict[str, Any]:
        """Return the data of a session.

        Raises:
            TokenExpiredError: its time is over.
            TokenError: not ours, or changed.
        """
        data, expires = _load(self._session, token)
        if aware(now).timestamp() >= expires:
            raise TokenExpiredError("the session is over, log in again")
        return dict(data)


def _serializer(vault: Vault, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        vault.derive(purpose),
        salt=purpose.encode(),
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )


def _load(serializer: URLSafeSerializer, token: str) -> Any:
    try:
        return serializer.loads(token)
    except BadData as exc:
        raise TokenError("this link is damaged or was not made here") from exc
