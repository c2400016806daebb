"""An authority of a test's own, and a certificate that it has signed; made by openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services import require

_NEW = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]


@dataclass(frozen=True)
class Authority:
    """Certificate and key lie in one file, as a live fault wants them."""

    both: Path
    certificate: Path

    @classmethod
    def made_in(cls, folder: Path) -> Authority:
        certificate, key, both = (folder / name for name in ("authority.pem", "authority.key", "both.pem"))
        subject = ["-subj", "/CN=Authority of a test", "-addext", "keyUsage=critical,keyCertSign"]
        _openssl(*_NEW, *subject, "-out", str(certificate), "-keyout", str(key))
        both.write_text(certificate.read_text() + key.read_text())
        return cls(both, certificate)

    def server(self, folder: Path) -> ssl.SSLContext:
        """A good certificate for localhost."""
        certificate, key = folder / "server.pem", folder / "server.key"
        names = [
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ]
        signed = ["-CA", str(self.both), "-CAkey", str(self.both)]
        _openssl(*_NEW, "-subj", "/CN=localhost", *names, *signed, "-out", str(certificate), "-keyout", str(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def client(self) -> ssl.SSLContext:
        """Trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.certificate))


def _openssl(*arguments: str) -> None:
    subprocess.run([require("openssl"), *arguments], check=True, capture_output=True)
