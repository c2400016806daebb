"""What a live fault is: one way to make a kind of the catalogue happen on a real target.

A live fault says which parts of a target's binding it needs, and turns its parameters into *turns*: knobs and the
values they get.  How a knob is read and written, journalled, undone and verified is not its business: every fault is
undone by the same code, and is active when each of its knobs reads the value it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from injectors.binding import Target
from injectors.identity import ProcessIdentity
from injectors.knobs import AnyKnob
from timeline.findings import SafetyRefused
from timeline.registry import Registry
from topologies.fields import Model


class Part(StrEnum):
    """Parts of a target's binding."""

    PROCESS = "process"
    START = "start"
    """How the process is started again."""
    PROXY = "proxy"
    HTTP = "http"
    DATA_FOLDER = "data_folder"
    POSTGRESQL = "postgresql"
    REDIS = "redis"
    NGINX = "nginx"
    RESOLVER = "resolver"

    def is_in(self, target: Target) -> bool:
        if self is Part.START:
            return target.process is not None and target.process.start is not None
        return getattr(target, self) is not None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a fault may know when it is made ready for one target."""

    id: str
    target: Target
    process: ProcessIdentity
    """That proved itself."""
    token: str
    """Names everything that this fault makes on the machine; nobody else has it."""
    until_boot_ms: int
    """When whatever it starts has to end by itself."""
    journal: Path


@dataclass(frozen=True, slots=True)
class Turn:
    """A knob and the value that it gets."""

    knob: AnyKnob
    after: JsonValue


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Comes and goes: so long turned, then so long turned back."""

    bad_ms: int
    good_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class LiveFault:
    """One entry of the live catalogue.  Nothing but what its turns say is changed."""

    id: str
    kind: str
    """The kind of the catalogue (`scenarios.faults`) that it makes happen."""
    title: str
    needs: tuple[Part, ...]
    parameters: type[Model]
    turns: Callable[[Any, Prepared], Sequence[Turn]]
    """Raises KnobError where it cannot be made ready, SafetyRefused where it must not be."""
    undone: str
    """How it is undone, in words; or that it cannot be."""
    reversible: bool = True
    """What is not needs a target that is disposable."""
    rhythm: Callable[[Any], Rhythm] | None = None
    at_entrance: bool = False
    """Acts on the way of its callers to it: the target itself, and who scrapes it, notice nothing."""

    def fits(self, target: Target) -> bool:
        return all(part.is_in(target) for part in self.needs) and (self.reversible or target.disposable)


LIVE_FAULTS: Registry[LiveFault] = Registry("live fault")


def live(fault: LiveFault) -> LiveFault:
    """Enters a fault into the catalogue of live ones."""
    return LIVE_FAULTS.add(fault.id, fault)


_OF_ONE_KIND_OF_SERVICE = {Part.POSTGRESQL, Part.REDIS, Part.NGINX, Part.RESOLVER}


def of_kind(kind: str) -> list[LiveFault]:
    """The live ways to make a kind of fault happen, the preferred first: those that any process can meet."""
    ways = [fault for fault in LIVE_FAULTS.values() if fault.kind == kind]
    return sorted(ways, key=lambda fault: not _OF_ONE_KIND_OF_SERVICE.isdisjoint(fault.needs))


def refuse(reason: str) -> SafetyRefused:
    return SafetyRefused([reason])
