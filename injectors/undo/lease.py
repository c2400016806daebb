"""The lease: the runner says over and over that it is alive; who reads it knows when to take over.

The lease runs on the boot clock, which no change of the wall clock moves and which goes on while the machine sleeps:
after a sleep the lease is over.  The file is replaced in one step, and not synced: a lease does not outlive its boot.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from injectors.identity import ProcessIdentity, boot_id, boot_ms

LEASE = "lease.json"
HEARTBEAT_MS = 1_000
LEASE_MS = 10_000
"""Ten heartbeats: a busy machine does not end an exercise."""


class Lease(BaseModel):
    """Who runs, and until when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runner: ProcessIdentity
    until_boot_ms: int
    limit_boot_ms: int
    """When the run ends in any case."""

    @property
    def over(self) -> bool:
        now = boot_ms()
        return self.runner.boot != boot_id() or now > self.until_boot_ms or now > self.limit_boot_ms

    @classmethod
    def read(cls, folder: Path) -> Lease | None:
        """The lease in a journal folder; None where there is none to be made out."""
        try:
            return cls.model_validate_json((folder / LEASE).read_bytes())
        except (OSError, ValidationError):
            return None

    def renewed(self, folder: Path, length_ms: int = LEASE_MS) -> Lease:
        """The same with a later end, written to the folder."""
        lease = self.model_copy(update={"until_boot_ms": boot_ms() + length_ms})
        temporary = folder / f".{LEASE}.{os.getpid()}"
        temporary.write_text(lease.model_dump_json())
        temporary.replace(folder / LEASE)
        return lease
