"""Starvation by a companion of our own: of processor time, or of the target's connections."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live, refuse
from injectors.knobs.companion import PRESENT, Companion
from topologies.fields import Model


class Busy(Model):
    loops: int = Field(default=2, ge=1, le=16)
    """Busy loops on each processor that the target may use."""
    processors: int = Field(default=1, ge=1, le=8)
    """On so many of them; never on all of the machine's."""


class Held(Model):
    connections: int = Field(default=100, ge=1, le=2_000)


def _busy(busy: Busy, prepared: Prepared) -> Sequence[Turn]:
    """One processor is always left to everybody else, the watchdog among them."""
    allowed = sorted(os.sched_getaffinity(prepared.process.pid))
    taken = allowed[: busy.processors]
    if len(taken) >= (os.cpu_count() or 1):
        raise refuse("A processor has to be left for the watchdog and everybody else.")
    arguments = ["--processors", ",".join(map(str, taken)), "--loops", str(busy.loops)]
    return [companion("processor", arguments, prepared)]


def _held(held: Held, prepared: Prepared) -> Sequence[Turn]:
    parts = urlsplit(prepared.target.http or "")
    arguments = ["--address", f"{parts.hostname}:{parts.port or 80}", "--connections", str(held.connections)]
    return [companion("connections", arguments, prepared)]


def companion(name: str, arguments: Sequence[str], prepared: Prepared) -> Turn:
    """The turn that starts a companion, one of the modules of `injectors.companions`."""
    made = Companion.model_validate(
        {
            "module": f"injectors.companions.{name}",
            "token": prepared.token,
            "arguments": tuple(arguments),
            "until_boot_ms": prepared.until_boot_ms,
        }
    )
    return Turn(made, PRESENT)


for fault in (
    LiveFault(
        id="busy-neighbour",
        kind="cpu-starvation",
        title="Busy loops on the processors that the target may use",
        needs=(Part.PROCESS,),
        parameters=Busy,
        turns=_busy,
        undone="the loops end, by themselves too when the time is up",
    ),
    LiveFault(
        id="held-connections",
        kind="connection-exhaustion",
        title="Connections to the target are opened and held, and never used",
        needs=(Part.HTTP,),
        parameters=Held,
        turns=_held,
        undone="the connections are closed, by themselves too when the time is up",
    ),
):
    live(fault)
