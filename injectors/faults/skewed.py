"""Clock skew: the process is started again with a clock that runs ahead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.knobs.clock import AHEAD, ProcessClock
from injectors.knobs.knob import KnobError
from injectors.knobs.process import StartCommand
from topologies.fields import DurationMs, Model

LIBRARIES = Path("/usr/lib")
"""Debian keeps libfaketime in a folder of the machine's architecture below."""


class Ahead(Model):
    offset: Annotated[DurationMs, Field(gt=0, le=366 * 86_400_000)] = 600_000


def _turns(ahead: Ahead, prepared: Prepared) -> Sequence[Turn]:
    process = prepared.target.process
    assert process is not None, "the fault needs a process"
    assert process.start is not None, "the fault needs to know how the process is started"
    libraries = sorted(LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise KnobError("libfaketime is not installed (Debian package libfaketime)")
    start = StartCommand(**dict(process.start))
    clock = ProcessClock(pid_file=process.pid_file, start=start, library=libraries[0], ahead_ms=ahead.offset)
    return [Turn(clock, AHEAD)]


live(
    LiveFault(
        id="fake-clock",
        kind="clock-skew",
        title="Process is started again with a clock that runs ahead (libfaketime)",
        needs=(Part.PROCESS, Part.START),
        parameters=Ahead,
        turns=_turns,
        undone="the process is started again with the true clock; what it held in memory is lost, twice",
    )
)
