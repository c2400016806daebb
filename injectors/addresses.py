"""Addresses that may be touched: those of this machine and of private networks, never public ones."""

from __future__ import annotations

import ipaddress
import socket

from timeline.findings import SafetyRefused

Address = tuple[str, int]
"""Host and port."""
CONNECT_PATIENCE_S = 1.0


def require_private(host: str) -> str:
    """The one address that a host name stands for now, to be used instead of the name, so that it cannot change.

    Raises SafetyRefused where any address of the name is public, or none is known.
    """
    addresses = _addresses(host)
    if not addresses:
        raise SafetyRefused([f"No address is known for {host!r}; give a loopback or private address."])
    for address in addresses:
        parsed = ipaddress.ip_address(address)
        if not (parsed.is_loopback or parsed.is_private or parsed.is_link_local) or parsed.is_unspecified:
            raise SafetyRefused([f"{host!r} leads to {address}, which is no address of a private network."])
    return addresses[0]


def private_address(text: str) -> Address:
    """`host:port` with the one address of the host.  Raises SafetyRefused as `require_private`, and ValueError."""
    host, _, port = text.rpartition(":")
    return require_private(host.strip("[]")), int(port)


def accepts(address: Address) -> bool:
    """Whether somebody accepts connections there now."""
    try:
        socket.create_connection(address, timeout=CONNECT_PATIENCE_S).close()
    except OSError:
        return False
    return True


def _addresses(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
