"""One small registry for everything that can be extended: faults, measures, importers, telemetry profiles.

MEASURES: Registry[Measure] = Registry("measure")

@MEASURES.register("mtta")
def mtta(...): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from timeline.findings import nearest

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Named things of one kind, in the order in which they were registered."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}

    def add(self, id: str, thing: T) -> T:
        if id in self._things:
            raise ValueError(f"{self.kind} {id!r} is registered twice")
        self._things[id] = thing
        return thing

    def register(self, id: str) -> Callable[[T], T]:
        return lambda thing: self.add(id, thing)

    def __getitem__(self, id: str) -> T:
        try:
            return self._things[id]
        except KeyError:
            raise KeyError(f"no {self.kind} {id!r}; {nearest(id, self._things)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)
