"""A certificate authority of the sandbox's own, and a certificate for this machine."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")
# The data planes by host name: a client that can be told where these names lead uses them as they are.
DOMAINS = (
    "*.vault.azure.net",
    "*.blob.core.windows.net",
    "*.servicebus.windows.net",
    "*.documents.azure.com",
)


@dataclass(frozen=True)
class Tls:
    """What a server needs to speak TLS, and the file by which its clients trust it."""

    context: ssl.SSLContext
    ca_file: Path


def prepare(folder: Path) -> Tls:
    """Certificates for localhost lie in this folder, the same ones at every start."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, server = folder / "ca.pem", folder / "server.pem"
    if not (authority.exists() and server.exists()):
        _issue(authority, server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return Tls(context, authority)


def _issue(authority: Path, server: Path) -> None:
    issuer = trustme.CA(organization_name="identity-bot sandbox")
    certificate = issuer.issue_cert(*NAMES, *DOMAINS)
    server.touch(mode=0o600)
    certificate.private_key_and_cert_chain_pem.write_to_path(server)
    issuer.cert_pem.write_to_path(authority)
