"""Which process listens on an address of this machine (proc(5): /proc/net/tcp, /proc/PID/fd)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from injectors.identity import ProcessGone, ProcessIdentity, all_pids

_LISTEN = "0A"


def listener_of(port: int) -> ProcessIdentity | None:
    """Who listens on a TCP port here; None where nobody does, or it cannot be seen."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    if not inodes:
        return None
    for pid in all_pids():
        try:
            links = (descriptor.readlink() for descriptor in Path(f"/proc/{pid}/fd").iterdir())
            if any(str(link) in inodes for link in links):
                return ProcessIdentity.of(pid)
        except (OSError, ProcessGone):
            continue
    return None


def _listening(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
