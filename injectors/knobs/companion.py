"""The knob of a companion: a process of our own that eats what the target needs, and ends by itself.

A companion is found by the token on its command line, so that whoever looks (runner, watchdog, recovery) finds it
without having started it.  Ending it lets go of everything that it holds; the target need not be asked.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from injectors.companions.bounds import HOLDING
from injectors.identity import ProcessGone, ProcessIdentity, all_pids
from injectors.knobs.knob import Knob, KnobError, wait_until

PRESENT, ABSENT = "present", "absent"
TOKEN = "--token"
"""What is written before the token."""
HOLD_PATIENCE_S = 20.0


class Companion(Knob):
    """Whether a companion runs."""

    knob: Literal["companion"] = "companion"
    module: Literal[
        "injectors.companions.connections",
        "injectors.companions.postgresql_connections",
        "injectors.companions.postgresql_lock",
        "injectors.companions.processor",
        "injectors.companions.redis_scripts",
    ]
    token: str = Field(min_length=16)
    arguments: tuple[str, ...]
    until_boot_ms: int
    """It ends by itself then."""

    @property
    def key(self) -> str:
        return f"companion/{self.token}"

    def read(self) -> JsonValue:
        return PRESENT if self._find() else ABSENT

    def write(self, value: JsonValue) -> None:
        if value == ABSENT:
            for process in self._find():
                try:
                    process.end()
                except (TimeoutError, PermissionError) as error:
                    raise KnobError(str(error)) from None
            wait_until(f"{self.module} {ABSENT}", lambda: self.read() == ABSENT)
        elif self.read() == ABSENT:
            self._start()

    def _start(self) -> None:
        """Returns once it holds what it was started for."""
        with tempfile.TemporaryFile() as said:
            started = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    self.module,
                    TOKEN,
                    self.token,
                    "--until",
                    str(self.until_boot_ms),
                    *self.arguments,
                ],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
            comm = Path(f"/proc/{started.pid}/comm")
            wait_until(
                f"what {self.module} is to hold",
                lambda: started.poll() is not None or comm.read_text().strip() == HOLDING,
                HOLD_PATIENCE_S,
            )
            if started.poll() is not None:
                said.seek(0)
                last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
                raise KnobError(f"{self.module} has ended: {last}")

    def _find(self) -> list[ProcessIdentity]:
        wanted = self.token.encode()
        found = []
        for pid in all_pids():
            try:
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if TOKEN.encode() in arguments and arguments[arguments.index(TOKEN.encode()) + 1] == wanted:
                    found.append(ProcessIdentity.of(pid))
            except (OSError, ProcessGone, IndexError):
                continue
        return found
