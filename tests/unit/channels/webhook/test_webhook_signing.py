"""Signatures: what we sign, the library of Standard Webhooks takes."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from channels.webhook.endpoints import OVERLAP, Endpoint
from channels.webhook.signing import endpoint_id, secret_of, signed_headers

BODY = '{"type":"policy.published","data":{"title":"关于支持专精特新企业的若干措施"}}'.encode()


def derive(purpose: str) -> bytes:
    return hashlib.sha256(purpose.encode()).digest()


SECRET, OTHER = secret_of(derive, "e1", 1), secret_of(derive, "e1", 2)


def test_the_library_verifies_what_we_sign() -> None:
    headers = dict(signed_headers("d-1", datetime.now(UTC), BODY, [SECRET]))
    assert Webhook(SECRET).verify(BODY, headers)["type"] == "policy.published"


def test_while_secrets_change_either_verifies() -> None:
    headers = dict(signed_headers("d-1", datetime.now(UTC), BODY, [OTHER, SECRET]))
    assert Webhook(SECRET).verify(BODY, headers) == Webhook(OTHER).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["id", "timestamp", "body", "secret"])
def test_nothing_of_it_may_be_changed(changed: str) -> None:
    headers = dict(signed_headers("d-1", datetime.now(UTC), BODY, [SECRET]))
    if changed == "id":
        headers["webhook-id"] = "d-2"
    if changed == "timestamp":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    secret = OTHER if changed == "secret" else SECRET
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" " if changed == "body" else BODY, headers)


def test_secrets_are_32_bytes_and_differ_by_endpoint_and_generation() -> None:
    assert SECRET.startswith("whsec_")
    assert len(base64.b64decode(SECRET[6:])) == 32
    assert len({SECRET, OTHER, secret_of(derive, "e2", 1)}) == 3


def test_an_endpoints_id_is_of_a_subscriber_and_a_url_and_shows_neither() -> None:
    one = endpoint_id(derive, "S-1", "https://a.example/hook")
    assert one == endpoint_id(derive, "S-1", "https://a.example/hook")
    assert one != endpoint_id(derive, "S-2", "https://a.example/hook")
    assert len(one) == 32
    assert "example" not in one


def test_the_secret_before_signs_until_its_time_is_over() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    endpoint = Endpoint("e1", "S-1", 2, now + OVERLAP, now)
    assert endpoint.secrets(derive, now) == [OTHER, SECRET]
    assert endpoint.secrets(derive, now + OVERLAP) == [OTHER]
    assert endpoint.secrets(derive, now + timedelta(days=9)) == [OTHER]
