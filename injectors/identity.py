"""Which process is meant: by number, start time and boot, so that a number that was given out anew is never hit.

Signals go through a pidfd that is opened first and compared with the identity afterwards: what the descriptor holds
cannot become another process (pidfd_open(2)).
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_STATE_FIELD, _PARENT_FIELD, _START_FIELD = 0, 1, 19
"""Fields of /proc/PID/stat after the name in brackets: state is field 3, parent 4, start time 22 (proc(5))."""


class ProcessGone(Exception):
    """The process that was meant is not there any more."""


class ProcessIdentity(BaseModel):
    """One process of one boot."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    started_ticks: int
    """Clock ticks after boot."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity:
        """Who has this number now.  Raises ProcessGone when nobody has, or only one that has ended."""
        state, started = _stat(pid)
        if state in "ZX":
            raise ProcessGone(f"process {pid} has ended")
        return cls(pid=pid, started_ticks=started, boot=boot_id())

    @property
    def state(self) -> str:
        """R, S, D, T, ... as proc(5) calls it.  Raises ProcessGone."""
        state, started = _stat(self.pid)
        if started != self.started_ticks or self.boot != boot_id() or state in "ZX":
            raise ProcessGone(f"process {self.pid} of then has ended")
        return state

    @property
    def alive(self) -> bool:
        try:
            return bool(self.state)
        except ProcessGone:
            return False

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to this very process.  Raises ProcessGone, and PermissionError as the kernel does."""
        descriptor = self.open()
        try:
            signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            raise ProcessGone(f"process {self.pid} has ended") from None
        finally:
            os.close(descriptor)

    def open(self) -> int:
        """A pidfd of this very process; the caller closes it.  Raises ProcessGone."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            raise ProcessGone(f"process {self.pid} has ended") from None
        if not self.alive:
            os.close(descriptor)
            raise ProcessGone(f"process {self.pid} of then has ended")
        return descriptor

    def end(self, patience_s: float = 5.0) -> None:
        """Kills it and waits until it is gone.  Raises TimeoutError when it does not go."""
        try:
            descriptor = self.open()
        except ProcessGone:
            return
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            if not select.select([descriptor], [], [], patience_s)[0]:
                raise TimeoutError(f"process {self.pid} did not end within {patience_s:g} s of being killed")
        except ProcessLookupError:
            return
        finally:
            os.close(descriptor)


@cache
def boot_id() -> str:
    """Changes with every start of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def boot_ms() -> int:
    """Milliseconds since boot, sleep included: no change of the wall clock moves it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def environment_of(identity: ProcessIdentity) -> dict[str, str]:
    """What the process was started with.  Raises ProcessGone, and PermissionError where it may not be read."""
    try:
        raw = Path(f"/proc/{identity.pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        raise ProcessGone(f"process {identity.pid} has ended") from None
    if not identity.alive:
        raise ProcessGone(f"process {identity.pid} of then has ended")
    pairs = (entry.partition(b"=") for entry in raw.split(b"\0") if b"=" in entry)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def descendants(identity: ProcessIdentity) -> list[ProcessIdentity]:
    """Children, their children and so on, as they are now: the workers of a server."""
    parents: dict[str, list[int]] = {}
    for pid in all_pids():
        try:
            parents.setdefault(_fields(pid)[_PARENT_FIELD], []).append(pid)
        except ProcessGone:
            continue
    found: list[ProcessIdentity] = []
    waiting = list(parents.get(str(identity.pid), ()))
    while waiting:
        pid = waiting.pop()
        waiting += parents.get(str(pid), ())
        with suppress(ProcessGone):
            found.append(ProcessIdentity.of(pid))
    return found


def all_pids() -> Iterator[int]:
    """Numbers of the processes that can be seen now."""
    yield from (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def read_pid_file(path: Path) -> ProcessIdentity:
    """The process that a pid file names.  Raises ProcessGone where the file is missing, empty or names nobody."""
    try:
        pid = int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        raise ProcessGone(f"{path.name} names no process") from None
    return ProcessIdentity.of(pid)


def _stat(pid: int) -> tuple[str, int]:
    fields = _fields(pid)
    return fields[_STATE_FIELD], int(fields[_START_FIELD])


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        raise ProcessGone(f"there is no process {pid}") from None
    return text.rpartition(")")[2].split()
