"""Hang: the process is stopped, holds all its connections, and answers nothing."""

from __future__ import annotations

from collections.abc import Sequence

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.identity import descendants
from injectors.knobs.process import STOPPED, ProcessStopped
from scenarios.faults.parameters import Nothing


def _turns(_: Nothing, prepared: Prepared) -> Sequence[Turn]:
    return [Turn(ProcessStopped(process=prepared.process, children=tuple(descendants(prepared.process))), STOPPED)]


live(
    LiveFault(
        id="stopped",
        kind="hang",
        title="Process and its children are stopped (SIGSTOP)",
        needs=(Part.PROCESS,),
        parameters=Nothing,
        turns=_turns,
        undone="they continue (SIGCONT)",
    )
)
