"""A certificate of its own for a server in a test, and a client that trusts it and nothing else."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class LocalAuthority:
    """Makes a self-signed certificate in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._cert, self._key = folder / "authority.pem", folder / "authority.key"

    def server(self, name: str) -> ssl.SSLContext:
        """TLS of a server that is called ``name``, for a day."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self._cert.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        self._key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._cert, self._key)
        return context

    def client(self) -> ssl.SSLContext:
        """TLS of a client that trusts the server; after `server`."""
        return ssl.create_default_context(cafile=str(self._cert))
