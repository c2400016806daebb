"""The knob of a companion: a process of our own that eats what the target needs, and ends by itself.

A companion is found by the token on its command line, so that whoever looks (runner, watchdog, recovery) finds it
without having started it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from injectors.identity import ProcessGone, ProcessIdentity, all_pids
from injectors.knobs.knob import Knob, KnobError, wait_until

PRESENT, ABSENT = "present", "absent"
TOKEN = "--token"
"""What is written before the token."""


class Companion(Knob):
    """Whether a companion runs."""

    knob: Literal["companion"] = "companion"
    module: Literal["injectors.companions.processor", "injectors.companions.connections"]
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
        elif self.read() == ABSENT:
            subprocess.Popen(
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
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        wait_until(f"{self.module} {value}", lambda: self.read() == value)

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
