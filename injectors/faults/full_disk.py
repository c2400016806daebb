"""Disk full: the file system of the target's data is filled, for real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live, refuse
from injectors.knobs.file import Ballast
from topologies.fields import Model

AT_MOST = 256 * 1024 * 1024


class Filling(Model):
    leaves_bytes: int = Field(default=0, ge=0)
    at_most_bytes: int = Field(default=AT_MOST, gt=0, le=16 * 1024**3)
    """A file system with more room is not filled."""


def _turns(filling: Filling, prepared: Prepared) -> Sequence[Turn]:
    folder = prepared.target.data_folder
    assert folder is not None, "the fault needs a folder of data"
    for other, what in (
        (Path("/"), "the machine's own"),
        (Path("/tmp"), "that of temporary files"),
        (prepared.journal, "that of the undo journal"),
    ):
        if _device(folder) == _device(other):
            raise refuse(f"The data of {prepared.id!r} lie on the same file system as {what}; it is not filled.")
    ballast = Ballast(
        path=folder / f".blackstart-{prepared.token}",
        token=prepared.token,
        leaves_bytes=filling.leaves_bytes,
        at_most_bytes=filling.at_most_bytes,
    )
    return [Turn(ballast, prepared.token)]


def _device(path: Path) -> int:
    """Of the file system on which it lies, or will lie once it is made."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


live(
    LiveFault(
        id="ballast",
        kind="disk-full",
        title="File system of the data is filled with a file",
        needs=(Part.DATA_FOLDER,),
        parameters=Filling,
        turns=_turns,
        undone="the file is removed",
    )
)
