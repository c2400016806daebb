"""Knobs of a process: whether it is stopped, whether it is there, its limits."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from injectors.addresses import accepts
from injectors.identity import ProcessGone, ProcessIdentity, descendants, read_pid_file
from injectors.knobs.knob import Knob, KnobError, wait_until

STOPPED, RUNNING, GONE = "stopped", "running", "gone"
START_PATIENCE_S = 15.0


class ProcessStopped(Knob):
    """Whether a process and its children are stopped (SIGSTOP) or may run; one of them that is stopped is enough."""

    knob: Literal["process-stopped"] = "process-stopped"
    process: ProcessIdentity
    children: tuple[ProcessIdentity, ...] = ()

    @property
    def key(self) -> str:
        return f"process/{self.process.pid}/{self.process.started_ticks}/stopped"

    def read(self) -> JsonValue:
        if not self.process.alive:
            return GONE
        return STOPPED if STOPPED in self._states() else RUNNING

    def write(self, value: JsonValue) -> None:
        if value not in (STOPPED, RUNNING):
            raise KnobError(f"a process that was {value} cannot be made so")
        for process in (self.process, *self.children):
            try:
                process.send(signal.SIGSTOP if value == STOPPED else signal.SIGCONT)
            except ProcessGone:
                continue
            except PermissionError as error:
                raise KnobError(str(error)) from None
        wait_until(f"process {self.process.pid} {value}", lambda: self._states() <= {value})

    def _states(self) -> set[JsonValue]:
        states: set[JsonValue] = set()
        for process in (self.process, *self.children):
            with suppress(ProcessGone):
                states.add(STOPPED if process.state == "T" else RUNNING)
        return states


class StartCommand(BaseModel):
    """How a process is started: arguments, never text for a shell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arguments: tuple[str, ...] = Field(min_length=1)
    folder: Path
    environment: dict[str, str] = Field(default_factory=dict)
    """Beside what the starter has."""
    listens: tuple[str, int] | None = None
    """Address that it accepts connections on once it is up."""
    writes_pid_file: bool = True
    """Whether the process writes its pid file itself."""
    log: Path | None = None
    """Where its output goes; nowhere when left out."""


class ProcessPresent(Knob):
    """Whether the process that a pid file names is there."""

    knob: Literal["process-present"] = "process-present"
    pid_file: Path
    start: StartCommand | None = None
    """Left out, what is gone stays gone."""

    @property
    def key(self) -> str:
        return f"pid-file/{self.pid_file}"

    def read(self) -> JsonValue:
        try:
            read_pid_file(self.pid_file)
        except ProcessGone:
            return GONE
        return RUNNING

    def write(self, value: JsonValue) -> None:
        if value == GONE:
            self._end()
        elif value == RUNNING:
            self._begin()
        else:
            raise KnobError(f"a process that was {value} cannot be made so")

    def _end(self) -> None:
        """With its children: a server's workers would go on serving."""
        try:
            process = read_pid_file(self.pid_file)
            for one in (process, *descendants(process)):
                one.end()
        except ProcessGone:
            return
        except (PermissionError, TimeoutError) as error:
            raise KnobError(str(error)) from None

    def _begin(self) -> None:
        if self.read() == RUNNING:
            return
        start = self.start
        if start is None:
            raise KnobError(f"nothing says how the process of {self.pid_file.name} is started")
        with (start.log or Path(os.devnull)).open("ab") as log:
            try:
                started = subprocess.Popen(
                    start.arguments,
                    cwd=start.folder,
                    env={**os.environ, **start.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                raise KnobError(f"{start.arguments[0]} does not start: {error.strerror}") from None
        if not start.writes_pid_file:
            self.pid_file.write_text(f"{started.pid}\n")
        wait_until(f"a start of {start.arguments[0]}", lambda: self.read() == RUNNING, START_PATIENCE_S)
        if (address := start.listens) is not None:
            wait_until(f"{address[0]}:{address[1]} accepting", lambda: accepts(address), START_PATIENCE_S)


class OpenFilesLimit(Knob):
    """How many files a process may have open (RLIMIT_NOFILE, the soft limit)."""

    knob: Literal["open-files-limit"] = "open-files-limit"
    process: ProcessIdentity

    @property
    def key(self) -> str:
        return f"process/{self.process.pid}/{self.process.started_ticks}/open-files-limit"

    def read(self) -> JsonValue:
        return self._limits()[0]

    def write(self, value: JsonValue) -> None:
        if not isinstance(value, int):
            raise KnobError(f"{value!r} is no limit of open files")
        _, hard = self._limits()
        try:
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (value, hard))
        except (OSError, ValueError) as error:
            raise KnobError(f"the limit of process {self.process.pid} cannot be set: {error}") from None

    def _limits(self) -> tuple[int, int]:
        try:
            limits = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        except (ProcessLookupError, PermissionError) as error:
            raise KnobError(f"process {self.process.pid}: {error.strerror}") from None
        if not self.process.alive:
            raise KnobError(f"process {self.process.pid} of then has ended")
        return limits


def open_files(process: ProcessIdentity) -> int:
    """How many files it has open now.  Raises KnobError."""
    try:
        return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())
    except OSError as error:
        raise KnobError(f"process {process.pid}: {error.strerror}") from None
