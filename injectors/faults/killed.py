"""Crash and crash loop: the process is killed, once or again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Rhythm, Turn, live
from injectors.knobs.process import GONE, ProcessPresent, StartCommand
from scenarios.faults.parameters import Nothing
from topologies.fields import DurationMs, Model, Ratio


class Loop(Model):
    every: Annotated[DurationMs, Field(ge=2_000)] = 30_000
    """From one death to the next."""
    down_ratio: Annotated[Ratio, Field(gt=0, lt=1)] = 0.6
    """Share of the time in which it is not there."""


def _present(prepared: Prepared) -> ProcessPresent:
    process = prepared.target.process
    assert process is not None, "the fault needs a process"
    start = process.start and StartCommand(**dict(process.start))
    return ProcessPresent(pid_file=process.pid_file, start=start)


def _killed(_: Model, prepared: Prepared) -> Sequence[Turn]:
    return [Turn(_present(prepared), GONE)]


def _loop(loop: Loop) -> Rhythm:
    bad = round(loop.every * loop.down_ratio)
    return Rhythm(bad, loop.every - bad)


live(
    LiveFault(
        id="killed",
        kind="crash",
        title="Process is killed (SIGKILL)",
        needs=(Part.PROCESS, Part.START),
        parameters=Nothing,
        turns=_killed,
        undone="the process is started again as the binding says; what it held in memory is lost",
    )
)
live(
    LiveFault(
        id="killed-for-good",
        kind="crash",
        title="Process is killed (SIGKILL), and whatever looks after it may start it",
        needs=(Part.PROCESS,),
        parameters=Nothing,
        turns=_killed,
        undone="cannot be undone here",
        reversible=False,
    )
)
live(
    LiveFault(
        id="restart-loop",
        kind="crash-loop",
        title="Process is killed soon after each start",
        needs=(Part.PROCESS, Part.START),
        parameters=Loop,
        turns=_killed,
        undone="the process is started a last time; what it held in memory is lost",
        rhythm=_loop,
    )
)
