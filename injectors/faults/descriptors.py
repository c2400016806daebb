"""Descriptor exhaustion: the process may open hardly any further file or connection."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.knobs.process import OpenFilesLimit, open_files
from topologies.fields import Model


class Few(Model):
    leaves: int = Field(default=0, ge=0, le=1_000)
    """So many more than it has open now."""


def _turns(few: Few, prepared: Prepared) -> Sequence[Turn]:
    process = prepared.process
    return [Turn(OpenFilesLimit(process=process), open_files(process) + few.leaves)]


live(
    LiveFault(
        id="open-files-limit",
        kind="descriptor-exhaustion",
        title="Limit of open files is set to what is open now",
        needs=(Part.PROCESS,),
        parameters=Few,
        turns=_turns,
        undone="the limit of before is set again",
    )
)
