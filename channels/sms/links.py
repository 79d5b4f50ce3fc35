"""The addresses that a gateway calls: reports about a message, replies of people. Whoever knows the key made them."""

import hashlib
import hmac
from urllib.parse import quote

TOKEN_CHARS = 32  # 128 bits
PURPOSE = "sms-gateway"  # what the installation's key for this is derived for
INCOMING = "incoming"


class SmsLinks:
    """Makes the addresses and tells whether a token in one is genuine."""

    def __init__(self, base_url: str, key: bytes) -> None:
        """Nothing is kept but these.

        Args:
            base_url: where the gateway reaches this service, without a slash at the end.
            key: of this installation, for this purpose alone.
        """
        self.base_url = base_url
        self._key = key

    def report(self, delivery_id: str) -> str:
        """Return where the gateway reports about a message; ``%d`` is Kannel's status, ``%A`` the carrier's words."""
        token = self.token(f"report:{delivery_id}")
        # A per cent sign of ours would be taken for one of Kannel's escapes.
        ours = f"{self.base_url}/sms/report?id={quote(delivery_id)}&token={token}".replace("%", "%%")
        return f"{ours}&status=%d&detail=%A"

    def incoming(self) -> str:
        """Return where the gateway hands over replies: sender, text, its charset, its coding and the message's id."""
        ours = f"{self.base_url}/sms/incoming?token={self.token(INCOMING)}".replace("%", "%%")
        return f"{ours}&from=%p&text=%b&charset=%C&coding=%c&id=%I"

    def reports_about(self, delivery_id: str, token: str) -> bool:
        """Whether ``token`` is the one of reports about this message; takes as long for a wrong one."""
        return self._genuine(f"report:{delivery_id}", token)

    def callback(self, cloud: str, gateway: str) -> str:
        """Return where a cloud tells what became of texts and what people answered.

        Args:
            cloud: whose way of telling it is, ``aliyun`` or ``tencent``.
            gateway: the gateway's name here.
        """
        return f"{self.base_url}/sms/{cloud}/{quote(gateway)}/{self.token(f'callback:{cloud}:{gateway}')}"

    def calls_back(self, cloud: str, gateway: str, token: str) -> bool:
        """Whether ``token`` is the one of that cloud's address."""
        return self._genuine(f"callback:{cloud}:{gateway}", token)

    def hands_over(self, token: str) -> bool:
        """Whether ``token`` is the one of replies."""
        return self._genuine(INCOMING, token)

    def token(self, what: str) -> str:
        """Return the token for ``what``."""
        return hmac.new(self._key, what.encode(), hashlib.sha256).hexdigest()[:TOKEN_CHARS]

    def _genuine(self, what: str, token: str) -> bool:
        return hmac.compare_digest(self.token(what).encode(), token.encode("utf-8", "replace"))
