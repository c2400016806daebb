"""The knob of a clock: whether a process was started with one that runs ahead (libfaketime), or with the true one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from injectors.identity import ProcessGone, environment_of, read_pid_file
from injectors.knobs.knob import Knob, KnobError
from injectors.knobs.process import GONE, RUNNING, ProcessPresent, StartCommand

TRUE_TIME, AHEAD = "true-time", "ahead"
_OFFSET, _LIBRARY = "FAKETIME", "LD_PRELOAD"


class ProcessClock(Knob):
    """Which clock the process of a pid file has.  Turning it starts the process anew, as nothing else can."""

    knob: Literal["process-clock"] = "process-clock"
    pid_file: Path
    start: StartCommand
    library: Path
    ahead_ms: int = Field(gt=0)

    @property
    def key(self) -> str:
        return f"pid-file/{self.pid_file}"

    def read(self) -> JsonValue:
        """One that is gone counts as turned: a crash came between its end and its start, and it has to be started."""
        try:
            environment = environment_of(read_pid_file(self.pid_file))
        except ProcessGone:
            return AHEAD
        except PermissionError as error:
            raise KnobError(str(error)) from None
        offset = environment.get(_OFFSET)
        return TRUE_TIME if offset is None else AHEAD if offset == self._offset else offset

    def write(self, value: JsonValue) -> None:
        if value not in (TRUE_TIME, AHEAD):
            raise KnobError(f"{self.pid_file.name}: a clock that was {value} cannot be made so")
        start = self.start
        if value == AHEAD:
            # Only the clock of the wall is moved: time-outs go on as they are.
            fake = {_LIBRARY: str(self.library), _OFFSET: self._offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            start = start.model_copy(update={"environment": {**start.environment, **fake}})
        present = ProcessPresent(pid_file=self.pid_file, start=start)
        present.write(GONE)
        present.write(RUNNING)

    @property
    def _offset(self) -> str:
        return f"+{self.ahead_ms / 1000:g}s"
