from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from subscribers.contacts import Vault
from subscribers.tokens import TokenError, TokenExpiredError, Tokens, Unsubscribe

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY = Fernet.generate_key().decode()


def tokens(root: bytes = b"r") -> Tokens:
    return Tokens(Vault(KEY, index_key=b"i" * 32, root=root * 32))


def test_an_unsubscribe_link_says_who_where_and_what_for_ever() -> None:
    token = tokens().unsubscribe("s1", "email", ["a", "b"])
    assert tokens().read_unsubscribe(token) == Unsubscribe("s1", "email", ("a", "b"))
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("position", [0, 5, -1])
def test_a_changed_link_is_refused(position: int) -> None:
    token = list(tokens().unsubscribe("s1", "email"))
    token[position] = "A" if token[position] != "A" else "E"
    with pytest.raises(TokenError):
        tokens().read_unsubscribe("".join(token))


@pytest.mark.parametrize("token", ["", ".", "x", "甲.乙", "a" * 5000])
def test_nonsense_is_no_token(token: str) -> None:
    with pytest.raises(TokenError):
        tokens().read_unsubscribe(token)


def test_another_installation_and_another_purpose_do_not_count() -> None:
    session = tokens().sign_session({"subscriber_id": "s1"}, timedelta(minutes=10), now=NOW)
    with pytest.raises(TokenError):
        tokens().read_unsubscribe(session)
    with pytest.raises(TokenError):
        tokens(b"x").read_session(session, now=NOW)


def test_a_session_ends_on_the_second() -> None:
    token = tokens().sign_session({"subscriber_id": "s1"}, timedelta(minutes=10), now=NOW)
    assert tokens().read_session(token, now=NOW + timedelta(seconds=599)) == {"subscriber_id": "s1"}
    with pytest.raises(TokenExpiredError):
        tokens().read_session(token, now=NOW + timedelta(seconds=600))
