"""Certificates that nobody should accept, made by openssl for one exercise and named so.

Key and certificate lie in a folder of their own only until they are loaded.
"""

from __future__ import annotations

import ipaddress
import ssl
import subprocess
import tempfile
from pathlib import Path

from injectors.proxy.behaviour import Certificate
from injectors.proxy.control import Refused

ORGANISATION = "Blackstart exercise"
WRONG_NAME = "wrong-name.exercise.invalid"
PATIENCE_S = 10.0
_CONFIGURATION = """\
[ca]
default_ca = exercise
[exercise]
database = {folder}/database
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
organizationName = supplied
commonName = supplied
[names]
basicConstraints = critical,CA:FALSE
subjectAltName = {names}
"""
_VALID = {"expired": ("20200101000000Z", "20200201000000Z"), "wrong-name": ("20200101000000Z", "20991231235959Z")}


def exercise_tls(wanted: Certificate) -> ssl.SSLContext:
    """What a server needs to show such a certificate.  Raises Refused where it cannot be made."""
    names = wanted.names if wanted.why == "expired" else (WRONG_NAME,)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="blackstart-certificate-") as place:
        folder = Path(place)
        (folder / "database").touch()
        (folder / "configuration").write_text(
            _CONFIGURATION.format(folder=folder, names=",".join(map(_alternative, names)))
        )
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        _openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/O={ORGANISATION}/CN={wanted.why}", "-keyout", str(key), "-out", str(folder / "request.pem")),
        )
        signed_by: tuple[str, ...] = ("-selfsign", "-keyfile", str(key))
        if wanted.issuer is not None:
            signed_by = ("-cert", str(wanted.issuer), "-keyfile", str(wanted.issuer))
        begin, end = _VALID[wanted.why]
        _openssl(
            *("ca", "-batch", "-notext", "-config", str(folder / "configuration"), *signed_by),
            *("-startdate", begin, "-enddate", end, "-in", str(folder / "request.pem"), "-out", str(certificate)),
        )
        context.load_cert_chain(certificate, key)
    return context


def target_tls() -> ssl.SSLContext:
    """For the way to the target, whose own certificate is not what is tried."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _alternative(name: str) -> str:
    """As it is written among the alternative names of a certificate.  Raises Refused for what is no name."""
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        if not name.replace("-", "").replace(".", "").isalnum():
            raise Refused(f"{name!r} is neither a host name nor an address") from None
        return f"DNS:{name}"


def _openssl(*arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=PATIENCE_S)
    except FileNotFoundError:
        raise Refused("openssl is not installed") from None
    except subprocess.TimeoutExpired:
        raise Refused("openssl takes too long") from None
    except subprocess.CalledProcessError as error:
        raise Refused(f"openssl: {error.stderr.decode(errors='replace').strip().splitlines()[-1]}") from None
